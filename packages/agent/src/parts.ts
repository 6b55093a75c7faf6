/** The parts that an agent has unless it is given others, and with them the agent that runs on real machines. */
import { Refusal } from "@fractus/core/refusal.ts";
import { startAgentWith } from "./agent.ts";
import type { Agent, AgentOptions } from "./agent.ts";
import { startChecks } from "./checks/checks.ts";
import { interpolateAll } from "./environment/interpolate.ts";
import { taskEnvironment } from "./environment/task-environment.ts";
import type { TaskParts } from "./run/task-parts.ts";
import { readTaskFile } from "./templates/task-files.ts";

export const defaultParts: TaskParts = {
  taskEnvironment,
  interpolateAll,
  // What few tasks need is loaded when the first one does, so that starting stays quick.
  fetchArtifact: async (...all) => (await import("./artifacts/fetch-artifact.ts")).fetchArtifact(...all),
  startTemplates: async (...all) => (await import("./templates/start-templates.ts")).startTemplates(...all),
  startChecks,
  readTaskFile(path, place) {
    try {
      return readTaskFile(path, place);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  },
};

/**
 * Starts the agent of a node: adopts what an earlier one left running, makes the node known to control and brings
 * about what control assigns to it, for ever. Resolves when what was there is adopted; control may be away.
 */
export function startAgent(options: Omit<AgentOptions, "parts">): Promise<Agent> {
  return startAgentWith({ ...options, parts: defaultParts });
}
