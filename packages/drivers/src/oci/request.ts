/** HTTP as a registry may be asked: over TLS, and never towards what only this machine or its link can reach. */
import { lookup as lookupName } from "node:dns";
import { request as requestPlain } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { request as requestSecure } from "node:https";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { Refusal } from "@fractus/core/refusal.ts";

export interface RequestHow {
  readonly headers?: OutgoingHttpHeaders;
  /** The registry itself is on this machine: then, and only then, may it be asked there, and without TLS. */
  readonly isLoopbackAllowed: boolean;
  readonly signal?: AbortSignal;
}

/** A connection on which nothing moves for so long is given up. */
const idleMs = 30_000;

/**
 * Asks, without following redirects; resolves when the head of the answer is there. Refuses with
 * `forbidden` an address that a registry has no business to name, whatever its name resolves to.
 */
export function get(
  url: URL,
  { headers = {}, isLoopbackAllowed, signal }: RequestHow,
): Promise<IncomingMessage> {
  checkUrl(url, isLoopbackAllowed);
  const send = url.protocol === "https:" ? requestSecure : requestPlain;
  const options: RequestOptions = {
    headers: { "user-agent": "fractus", ...headers },
    lookup: guardedLookup(isLoopbackAllowed),
    timeout: idleMs,
    ...(signal && { signal }),
  };
  return new Promise((resolve, reject) => {
    const request = send(url, options, resolve);
    request.on("timeout", () =>
      request.destroy(new Error(`${url.host} said nothing for ${idleMs / 1000} s`)),
    );
    request.on("error", reject);
    request.end();
  });
}

/** `localhost`, 127.0.0.0/8 and ::1, by what is written. */
export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return bare === "localhost" || (isIP(bare) !== 0 && isIn(loopback, bare));
}

function checkUrl(url: URL, isLoopbackAllowed: boolean): void {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const isPlainAllowed = isLoopbackAllowed && isLoopbackHost(hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isPlainAllowed))
    throw new Refusal("forbidden", `${url.host} is not asked without TLS (${url.protocol}).`);
  if (url.username !== "" || url.password !== "")
    throw new Refusal("forbidden", `An address of ${url.host} that has a password in it is not used.`);
  if (isIP(hostname) !== 0) checkAddress(hostname, isLoopbackAllowed);
}

/** The address is checked where it is used, so that a name cannot resolve to something else in between. */
function guardedLookup(isLoopbackAllowed: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookupName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "");
      try {
        for (const { address } of addresses) checkAddress(address, isLoopbackAllowed);
      } catch (refusal) {
        return callback(refusal as Error, "");
      }
      if (options.all) return callback(null, addresses);
      return callback(null, addresses[0].address, addresses[0].family);
    });
  };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Link-local (with the metadata services of clouds), unspecified, multicast and reserved: https://www.iana.org/assignments/iana-ipv4-special-registry */
const neverAsked = new BlockList();
neverAsked.addSubnet("0.0.0.0", 8, "ipv4");
neverAsked.addSubnet("169.254.0.0", 16, "ipv4");
neverAsked.addSubnet("224.0.0.0", 3, "ipv4");
neverAsked.addAddress("::", "ipv6");
neverAsked.addSubnet("fe80::", 10, "ipv6");
neverAsked.addSubnet("ff00::", 8, "ipv6");

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function checkAddress(address: string, isLoopbackAllowed: boolean): void {
  if (isIn(neverAsked, address) || (isIn(loopback, address) && !isLoopbackAllowed))
    throw new Refusal("forbidden", `No image is fetched from the address ${address}.`);
}
