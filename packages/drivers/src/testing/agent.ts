/**
 * A stand-in for an agent in a process of its own, so that it can be killed: starts the tasks it is
 * told to, reports their handles, and then only lives.
 */
import type { Driver, TaskSpec } from "../driver.ts";

export interface AgentOrder {
  /** The module and the name of the function in it that makes the driver. */
  readonly module: string;
  readonly factory: string;
  readonly specs: readonly TaskSpec[];
}

process.on("message", (order: AgentOrder) => {
  void startAll(order).then((handles) => process.send?.(handles));
});

async function startAll({ module, factory, specs }: AgentOrder): Promise<unknown[]> {
  const exports = (await import(module)) as Record<string, () => Driver>;
  const driver = exports[factory]();
  return Promise.all(specs.map((spec) => driver.start(spec)));
}
