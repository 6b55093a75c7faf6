/**
 * Where the pictures are kept. A key is a fractal's uuid, or that with a suffix after a dot.
 * Writing a key again replaces it; deleting one that is not there is no error.
 */
export interface ImageStore {
  /** For log lines: what it is and where. */
  readonly description: string;
  /** Stored durably when it resolves, and never half. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  delete(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

/** The image table of the database, as the database store needs it. */
export interface ImageTable {
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  delete(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

const lawfulKey = /^[0-9a-f-]{36}(?:\.[a-z]{1,16})?$/;

/** Keys become file names: anything but a uuid with a short suffix is a bug of the caller. */
export function assertKey(key: string): void {
  if (!lawfulKey.test(key)) throw new Error(`"${key}" is not the key of a picture.`);
}
