/** What a command works with, and how it comes about from the environment and the flags. */
import type { Client } from "@fractus/client/client.ts";
import type { ClientOptions } from "@fractus/client/http.ts";
import type { Flags } from "./arguments.ts";
import type { Flag } from "./command.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The terminal, the clock and the machine, as the program is given them. */
export interface Surroundings {
  readonly stdout: { write(chunk: string | Uint8Array): unknown };
  readonly stderr: { write(chunk: string | Uint8Array): unknown };
  /** Destroyed when a command ends that no longer listens to it, as an open terminal would keep the process. */
  readonly stdin?: AsyncIterable<Uint8Array> & { readonly destroy?: () => unknown };
  readonly env: Environment;
  /** Where relative paths begin. */
  readonly directory: string;
  /** Whether stdout is a terminal that can move its cursor. */
  readonly isTerminal?: boolean;
  /** The size of the terminal, now and whenever it changes. */
  readonly sizes?: AsyncIterable<{ readonly height: number; readonly width: number }>;
  /** Puts the terminal into raw mode and back, for `exec -t`. */
  readonly setRawMode?: (isRaw: boolean) => void;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
  /** Ends what would go on for ever: following, monitoring. */
  readonly signal?: AbortSignal;
}

export interface Context {
  /** `fractus` or `nomad`, as it was called. */
  readonly program: string;
  readonly surroundings: Surroundings;
  /** The names of all commands there are. */
  readonly commandNames: readonly string[];
  readonly client: Client;
  readonly clientOptions: ClientOptions;
  /** The certificate of the authority that vouches for the server, PEM. */
  readonly authority?: string;
  /** A line on stdout. */
  readonly print: (text: string) => void;
  /** A line on stderr. */
  readonly note: (text: string) => void;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** As what follows something takes it: the signal that ends it, if there is one. */
export function until({ signal }: Pick<Surroundings, "signal">): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** Every command has these. */
export const commonFlags: readonly Flag[] = [
  { name: "address", value: "url", words: "where the server is; FRACTUS_ADDR or NOMAD_ADDR otherwise" },
  { name: "token", value: "secret", words: "who asks; NOMAD_TOKEN otherwise" },
  { name: "namespace", value: "name", words: "which project; NOMAD_NAMESPACE otherwise, or default" },
  { name: "region", value: "name", words: "which region; NOMAD_REGION otherwise" },
  {
    name: "ca-cert",
    value: "path",
    words: "the authority that vouches for the server; NOMAD_CACERT otherwise",
  },
  { name: "no-color", words: "there is no colour; taken for the sake of scripts" },
  { name: "help", short: "h", words: "what this command does, and how" },
];

export async function contextOf(
  { program, commandNames }: Pick<Context, "program" | "commandNames">,
  surroundings: Surroundings,
  flags: Flags,
): Promise<Context> {
  const authority = await authorityOf(surroundings, flags);
  const { Client } = await import("@fractus/client/client.ts");
  const clientOptions = await clientOptionsOf(surroundings, flags, authority);
  return {
    program,
    commandNames,
    surroundings,
    client: new Client(clientOptions),
    clientOptions,
    ...(authority && { authority }),
    print: (text) => void surroundings.stdout.write(`${text}\n`),
    note: (text) => void surroundings.stderr.write(`${text}\n`),
    now: surroundings.now ?? Date.now,
    wait: surroundings.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
  };
}

const defaultAddress = "http://127.0.0.1:4646";

async function clientOptionsOf(
  { env, fetch }: Surroundings,
  flags: Flags,
  authority: string | undefined,
): Promise<ClientOptions> {
  const address = flags.text("address") ?? (env.FRACTUS_ADDR || env.NOMAD_ADDR || defaultAddress);
  const token = flags.text("token") ?? env.NOMAD_TOKEN;
  const namespace = flags.text("namespace") ?? env.NOMAD_NAMESPACE;
  const region = flags.text("region") ?? env.NOMAD_REGION;
  const fetchWith = fetch ?? (authority ? await trusting(authority) : undefined);
  return {
    address: address.includes("://") ? address : `http://${address}`,
    ...(token && { token }),
    ...(namespace && { namespace }),
    ...(region && { region }),
    ...(fetchWith && { fetch: fetchWith }),
  };
}

async function trusting(authority: string): Promise<typeof fetch> {
  const { fetchTrusting } = await import("@fractus/client/tls.ts");
  return fetchTrusting(authority);
}

async function authorityOf(surroundings: Surroundings, flags: Flags): Promise<string | undefined> {
  const path = flags.text("ca-cert") ?? surroundings.env.NOMAD_CACERT;
  if (!path) return undefined;
  const { readText } = await import("./files.ts");
  return readText(surroundings.directory, path);
}
