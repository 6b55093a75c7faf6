/** What every part of the page may use: the client, what is known of the API, and messages to the reader. */
import { ApiError, fractalsClient, type FractalsClient } from "@fractals/client/client.ts";
import { createContext, useContext, useSyncExternalStore } from "react";
import { Live, type LiveState } from "./live.ts";
import { strings } from "./strings.ts";
import { Toasts } from "./toasts.ts";

/** The API lies where the page lies, whatever path or port leads there. */
export const endpoint = new URL(".", document.baseURI).href.replace(/\/$/, "");

export interface Page {
  readonly client: FractalsClient;
  readonly live: Live;
  readonly toasts: Toasts;
}

export function openPage(): Page {
  const client = fractalsClient(endpoint);
  const live = new Live(client, () => new EventSource(`${endpoint}/v1/events`));
  return { client, live, toasts: new Toasts() };
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error("The page has no context.");
  return page;
}

export function useLive(): LiveState {
  const { live } = usePage();
  return useSyncExternalStore(live.subscribe, live.state);
}

/** Runs something that may be refused, and shows the refusal as a message. Undefined when it was. */
export function useAttempt(): <Result>(work: () => Promise<Result>) => Promise<Result | undefined> {
  const { toasts } = usePage();
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      toasts.show(error instanceof ApiError ? error.message : strings.errors.unreachable, "error");
      return undefined;
    }
  };
}

/** Where a fractal's picture is, or the small version of it. */
export function imageAddress(uuid: string, variant?: "thumbnail"): string {
  return `${endpoint}/fractal/${encodeURIComponent(uuid)}${variant ? `/${variant}` : ""}`;
}
