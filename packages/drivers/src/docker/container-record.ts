/** What is kept about a container in the record of its task. Plain JSON. */
export interface ContainerRecord {
  /** Digest of the image's configuration. */
  readonly image: string;
  /** Of further groups of the user. */
  readonly groups: readonly number[];
  readonly capabilities: readonly string[];
  readonly isPrivileged: boolean;
  readonly stopSignal: string;
  readonly hasOwnNetwork: boolean;
  readonly ports: readonly PublishedPort[];
}

export interface PublishedPort {
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly containerPort: number;
}
