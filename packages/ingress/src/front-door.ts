/**
 * What a service asks of the ingress, by its tags:
 *
 *     fractus.port=8080      a port of its own
 *     fractus.mode=tcp       bytes instead of HTTP, on that port
 *     fractus.host=shop      on the shared HTTP port, for requests to `shop` or `shop.localhost`
 *     fractus.path=/api      on the shared HTTP port, for paths at or below `/api`
 *
 * Host and path together mean both; a port beside them is an address more. Only the instances that carry the
 * tags stand behind the door, so a new version may move to another address while the old one keeps its own,
 * and canaries with tags of their own have a door of their own or none.
 */

/** What is needed of a registered instance of a service. */
export interface ServiceLike {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly tags: readonly string[];
  readonly address: string;
  readonly port: number;
  readonly isHealthy: boolean;
}

/** One instance behind a door. */
export interface Backend {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly isHealthy: boolean;
}

/** One stable address: either a port of its own, or a host or path (or both) on the shared port. */
export interface FrontDoor {
  /** `project/service`. */
  readonly name: string;
  readonly port?: number;
  readonly host?: string;
  readonly path?: string;
  readonly mode: "http" | "tcp";
  readonly backends: readonly Backend[];
}

type Ask = Omit<FrontDoor, "backends">;

/**
 * The doors that services ask for, and in sentences what of it could not be had. Of two services that ask
 * for the same address the one first in the alphabet has it.
 */
export function frontDoorsOf(services: readonly ServiceLike[]): {
  readonly doors: readonly FrontDoor[];
  readonly faults: readonly string[];
} {
  const doors = new Map<string, FrontDoor & { readonly backends: Backend[] }>();
  const faults = new Set<string>();
  for (const service of services.toSorted(byNameAndId)) {
    const { id, address, port, isHealthy } = service;
    const asks = asksOf(service, faults);
    if (asks.length > 0 && port === 0) {
      faults.add(`Service ${nameOf(service)} asks for a front door but has no port.`);
      continue;
    }
    for (const ask of asks) {
      const place = placeOf(ask);
      const door = doors.get(place) ?? { ...ask, backends: [] };
      doors.set(place, door);
      if (door.name !== ask.name)
        faults.add(`${place} belongs to ${door.name}: ${ask.name} cannot have it too.`);
      else door.backends.push({ id, address, port, isHealthy });
    }
  }
  return { doors: [...doors.values()], faults: [...faults] };
}

/** What tells one front door from another: `port 8080` or `shop/api`. */
export function placeOf({ port, host, path }: Pick<FrontDoor, "port" | "host" | "path">): string {
  return port === undefined ? `${host ?? "*"}${path ?? "/"}` : `port ${port}`;
}

function nameOf(service: ServiceLike): string {
  return `${service.project}/${service.name}`;
}

function byNameAndId(a: ServiceLike, b: ServiceLike): number {
  const [left, right] = [`${nameOf(a)}\0${a.id}`, `${nameOf(b)}\0${b.id}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function asksOf(service: ServiceLike, faults: Set<string>): Ask[] {
  const name = nameOf(service);
  const tags = new Map<string, string>();
  for (const tag of service.tags.filter((tag) => tag.startsWith("fractus."))) {
    const [key, value] = split(tag);
    const problem = problemOf(key, value);
    if (problem === undefined) tags.set(key, value);
    else faults.add(`Service ${name}: tag "${tag}" ${problem}.`);
  }
  const mode = tags.get("mode") === "tcp" ? "tcp" : "http";
  const [port, host, path] = [tags.get("port"), tags.get("host")?.toLowerCase(), tags.get("path")];
  const asks: Ask[] = [];
  if (port !== undefined) asks.push({ name, port: Number(port), mode });
  const isShared = host !== undefined || path !== undefined;
  if (isShared) asks.push({ name, ...(host && { host }), path: trimmed(path ?? "/"), mode: "http" });
  if (mode === "tcp" && port === undefined)
    faults.add(`Service ${name}: fractus.mode=tcp needs fractus.port.`);
  return asks;
}

/** The key after `fractus.` and the value. */
function split(tag: string): [string, string] {
  const at = tag.indexOf("=");
  return at < 0 ? [tag.slice(8), ""] : [tag.slice(8, at), tag.slice(at + 1)];
}

/** `/api/` and `/api` are the same prefix. */
function trimmed(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}

function problemOf(key: string, value: string): string | undefined {
  switch (key) {
    case "port":
      return /^\d{1,5}$/.test(value) && Number(value) > 0 && Number(value) < 65536
        ? undefined
        : "needs a port from 1 to 65535";
    case "mode":
      return value === "http" || value === "tcp" ? undefined : "needs http or tcp";
    case "host":
      return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value)
        ? undefined
        : "needs a host name";
    case "path":
      return /^\/[^\s?#]*$/.test(value) ? undefined : "needs a path that begins with a slash";
    default:
      return "is not known: there are fractus.port, fractus.mode, fractus.host and fractus.path";
  }
}
