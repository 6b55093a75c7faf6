import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { Driver } from "@fractus/drivers/driver.ts";
import type { ControlLink, NodeFacts } from "../control-link.ts";
import type { AgentStorage } from "./records.ts";
import type { ArtifactPolicy, TaskParts } from "./task-parts.ts";

/** What everything on a node has in common. */
export interface AgentWorld {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly link: ControlLink;
  readonly storage: AgentStorage;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly parts: TaskParts;
  readonly artifacts: ArtifactPolicy;
  /** That of the machine, from which tasks without isolation inherit. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** As it was last described to control. */
  node(): NodeFacts;
  log(line: string, fields?: object): void;
}
