import type { Allocation } from "@fractus/core/allocation.ts";
import type { Job } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type {
  AllocationReport,
  Assignment,
  ControlLink,
  NodeFacts,
  ServiceRegistration,
} from "../control-link.ts";

/** A control plane that is a list: what is assigned is written into it, what is reported is read from it. */
export interface LiteralControl extends ControlLink {
  /** Everything that was reported, in order. */
  readonly reported: AllocationReport[];
  readonly registrations: NodeFacts[];
  readonly serviceCalls: { allocationId: string; services: readonly ServiceRegistration[] }[];
  readonly reportCalls: number[];
  heartbeats: number;
  /** Set: every call fails with it. */
  failure: Refusal | undefined;
  ttlMs: number;
  assign(job: Job, allocation: Allocation): void;
  /** Changes what is wanted of one. */
  change(id: string, changes: Partial<Allocation>, job?: Job): void;
  withdraw(id: string): void;
  /** The newest report of it. */
  latest(id: string): AllocationReport | undefined;
  /** The services that are registered now. */
  registeredServices(): ServiceRegistration[];
  forgetNodes(): void;
}

export function literalControl(): LiteralControl {
  const list = new Map<string, Assignment>();
  const known = new Set<string>();
  const services = new Map<string, readonly ServiceRegistration[]>();
  let index = 1;
  let change = new AbortController();
  let serviceIndex = 0;
  let serviceChange = new AbortController();
  const changed = () => {
    index++;
    change.abort();
    change = new AbortController();
  };
  const answering = () => {
    if (control.failure) throw control.failure;
  };
  const knowing = (nodeId: string) => {
    answering();
    if (!known.has(nodeId)) throw new Refusal("not-found", "The node is not known.");
  };
  const control: LiteralControl = {
    reported: [],
    registrations: [],
    serviceCalls: [],
    reportCalls: [],
    heartbeats: 0,
    failure: undefined,
    ttlMs: 10_000,
    async register(node) {
      answering();
      known.add(node.id);
      control.registrations.push(node);
      return { ttlMs: control.ttlMs };
    },
    async heartbeat(nodeId) {
      knowing(nodeId);
      control.heartbeats++;
      return { ttlMs: control.ttlMs };
    },
    async assignments(nodeId, afterIndex, signal) {
      knowing(nodeId);
      if (afterIndex === index) await aborted([change.signal, ...(signal ? [signal] : [])]);
      signal?.throwIfAborted();
      answering();
      return { index, list: [...list.values()] };
    },
    async report(nodeId, reports) {
      knowing(nodeId);
      control.reportCalls.push(reports.length);
      control.reported.push(...structuredClone(reports));
      for (const { allocationId, status } of reports) {
        const found = list.get(allocationId);
        if (found) list.set(allocationId, { ...found, allocation: { ...found.allocation, status } });
      }
    },
    async setServices(allocationId, now) {
      answering();
      control.serviceCalls.push({ allocationId, services: now });
      services.set(allocationId, now);
      serviceIndex++;
      serviceChange.abort();
      serviceChange = new AbortController();
    },
    services: async (_, name) => control.registeredServices().filter((service) => service.name === name),
    variable: async () => undefined,
    variablePaths: async () => [],
    async changed(afterIndex, signal) {
      if (afterIndex === serviceIndex) await aborted([serviceChange.signal, ...(signal ? [signal] : [])]);
      signal?.throwIfAborted();
      return serviceIndex;
    },
    assign(job, allocation) {
      list.set(allocation.id, { job, allocation });
      changed();
    },
    change(id, changes, job) {
      const found = list.get(id);
      if (!found) throw new Error(`${id} is not assigned`);
      list.set(id, { job: job ?? found.job, allocation: { ...found.allocation, ...changes } });
      changed();
    },
    withdraw(id) {
      list.delete(id);
      changed();
    },
    latest: (id) => control.reported.findLast(({ allocationId }) => allocationId === id),
    registeredServices: () => [...services.values()].flat(),
    forgetNodes() {
      known.clear();
      changed();
    },
  };
  return control;
}

async function aborted(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return;
  await new Promise<void>((resolve) => any.addEventListener("abort", () => resolve(), { once: true }));
}
