/** One request: what was asked for, by whom, and what it may see. */
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { AgentAccess } from "@fractus/agent/agent-access.ts";
import type { Acl } from "@fractus/control/acl/acl.ts";
import type { Bearer } from "@fractus/control/acl/authenticate.ts";
import type { NamespaceCapability } from "@fractus/control/acl/capabilities.ts";
import type { Control } from "@fractus/control/control.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { State } from "@fractus/control/state/state.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authority } from "./authority.ts";
import type { DoorOptions } from "./door-options.ts";
import { Fault } from "./fault.ts";
import { booleanOf, wholeNumber } from "./query-text.ts";

export interface CallParts {
  readonly door: DoorOptions;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly parameters: Readonly<Record<string, string>>;
  readonly bearer: Bearer;
  readonly authority: Authority;
}

export class Call {
  readonly door: DoorOptions;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly bearer: Bearer;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly #parameters: Readonly<Record<string, string>>;
  readonly #authority: Authority;

  constructor(parts: CallParts) {
    this.door = parts.door;
    this.request = parts.request;
    this.reply = parts.reply;
    this.bearer = parts.bearer;
    this.#parameters = parts.parameters;
    this.#authority = parts.authority;
    const gone = new AbortController();
    parts.reply.raw.once("close", () => gone.abort());
    this.signal = gone.signal;
  }

  get control(): Control {
    return this.door.control;
  }

  get state(): State {
    return this.door.control.state;
  }

  get clock(): Clock {
    return this.door.control.clock;
  }

  get acl(): Acl {
    return this.bearer.acl;
  }

  /** A part of the path. */
  path(name: string): string {
    return this.#parameters[name] ?? "";
  }

  /** A parameter of the query, the first if there are several. */
  query(name: string): string | undefined {
    return this.queries(name)[0];
  }

  queries(name: string): readonly string[] {
    const value = (this.request.query as Record<string, string | string[] | undefined>)[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  }

  flag(name: string): boolean {
    const text = this.query(name);
    return text !== undefined && booleanOf(name, text);
  }

  number(name: string): number | undefined {
    const text = this.query(name);
    return text === undefined || text === "" ? undefined : wholeNumber(name, text);
  }

  /** The namespace that was asked for; `*` for all. */
  get namespace(): string {
    return this.query("namespace") || headerOf(this.request, "x-nomad-namespace") || "default";
  }

  /** Whether what is in this namespace is there for the caller: what may not be seen is not found. */
  sees(namespace: string): boolean {
    const { need, capability } = this.#authority;
    if (need === "namespace" || need === "object") return this.acl.allows(namespace, capability);
    return this.acl.isManagement;
  }

  /** @throws Refusal forbidden */
  require(namespace: string, capability?: NamespaceCapability): void {
    const wanted = capability ?? this.#authority.capability;
    if (wanted === undefined ? !this.acl.isManagement : !this.acl.allows(namespace, wanted))
      throw new Refusal("forbidden", "Permission denied");
  }

  /** Whether a row of this namespace belongs into the list that was asked for. */
  lists(namespace: string): boolean {
    const asked = this.namespace;
    return asked === "*" ? this.sees(namespace) : asked === namespace;
  }

  /** The bytes of the body as they came. */
  bytes(): Buffer {
    const { body } = this.request;
    return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  }

  /** The body as a JSON object; an empty one if there is none. @throws Fault 400 */
  json(): Json {
    const text = this.bytes().toString("utf8");
    if (text.trim() === "") return {};
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      throw new Fault(400, `The body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new Fault(400, "The body is to be a JSON object.");
    return json as Json;
  }

  /** @throws Refusal not-found, also for an allocation that may not be seen */
  allocation(id = this.path("id")): Allocation {
    const one = this.state.allocations.get(id);
    if (!one || !this.sees(one.project)) throw new Refusal("not-found", `alloc not found: ${id}`);
    return one;
  }

  /** The agent on whose node the allocation is. @throws Refusal not-found; unavailable if it cannot be reached */
  agentOf(allocation: Allocation): AgentAccess {
    return this.agent(allocation.nodeId);
  }

  /** @throws Refusal unavailable */
  agent(nodeId: string): AgentAccess {
    const agent = this.control.agents.get(nodeId);
    if (!agent) throw new Refusal("unavailable", `No path to node: ${nodeId}`);
    return agent;
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The token's secret, from either header. */
export function secretIn(request: FastifyRequest): string | undefined {
  const bearer = /^bearer\s+(.+)$/i.exec(headerOf(request, "authorization") ?? "")?.[1];
  return headerOf(request, "x-nomad-token") || bearer?.trim();
}
