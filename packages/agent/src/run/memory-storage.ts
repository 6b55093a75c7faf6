import type { AgentStorage, NodeIdentity, RunRecord } from "./records.ts";
import type { Assignment } from "../control-link.ts";

/** Storage for a simulated machine: it outlives the agent, but there are no files. */
export function memoryStorage(): AgentStorage {
  let node: NodeIdentity | undefined;
  const assignments = new Map<string, Assignment>();
  const records = new Map<string, RunRecord>();
  return {
    readNode: () => node,
    writeNode: (now) => void (node = now),
    readRuns: () => ({
      runs: [...records].flatMap(([id, record]) => {
        const assignment = assignments.get(id);
        return assignment ? [{ assignment, record }] : [];
      }),
      damaged: [],
    }),
    writeAssignment: (assignment) => void assignments.set(assignment.allocation.id, assignment),
    writeRun: (record) => void records.set(record.allocationId, record),
    forgetRun(id) {
      assignments.delete(id);
      records.delete(id);
    },
    directoryOf: (id) => `/nowhere/${id}`,
    makeDirectories: () => undefined,
    writeLocal: () => undefined,
    carryOver: () => undefined,
    removeFiles: () => Promise.resolve(),
    diskUse: () => 0,
  };
}
