import { Client } from "@fractus/client/client.ts";
import { createContext, use, useSyncExternalStore } from "react";
import { Live, type Connection } from "./live.ts";
import { Toasts } from "./toasts.ts";

/** What all pages share: the server as this reader may see it, and short messages. */
export interface Session {
  readonly client: Client;
  readonly live: Live;
  readonly toasts: Toasts;
  readonly hasToken: boolean;
  /** Begins a new session; empty for none. */
  readonly setToken: (token: string) => void;
}

export function openSession(options: {
  readonly address: string;
  readonly token: string;
  readonly setToken: (token: string) => void;
}): Session {
  const { address, token, setToken } = options;
  const client = new Client({ address, ...(token && { token }) });
  return { client, live: new Live(client), toasts: new Toasts(), hasToken: token !== "", setToken };
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("There is no session around this component.");
  return session;
}

export function useConnection(): Connection {
  const { live } = useSession();
  return useSyncExternalStore(live.subscribe, live.connection);
}
