/**
 * Pages of other origins keep out. A browser lets any page send requests to this machine, and what may run
 * jobs may run anything: so a request that a page has sent counts only if the page came from here.
 * Programs send no `Origin` and are not concerned.
 *
 * A page may also come under a name of its own that was made to point here (DNS rebinding): on a loopback
 * address only the names of the loopback are taken for this machine.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "@fractus/core/refusal.ts";

export interface Sender {
  readonly headers: IncomingHttpHeaders;
  /** The address at which the request came in. */
  readonly localAddress: string | undefined;
}

/**
 * @param trusted  origins that may send requests all the same, such as `https://cloud.example`
 * @throws Refusal forbidden
 */
export function refuseForeignPage(sender: Sender, trusted: readonly string[] = []): void {
  const { origin, host } = sender.headers;
  if (origin === undefined || trusted.includes(origin)) return;
  const page = URL.parse(origin);
  const isOwn = page !== null && page.host === host?.toLowerCase();
  if (isOwn && (!isLoopback(sender.localAddress) || isLoopbackName(page.hostname))) return;
  throw new Refusal("forbidden", `Pages of ${origin} may not use this server.`);
}

function isLoopback(address: string | undefined): boolean {
  return address === undefined || address === "::1" || /^(::ffff:)?127\./.test(address);
}

function isLoopbackName(name: string): boolean {
  return (
    name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(\.\d+){3}$/.test(name)
  );
}
