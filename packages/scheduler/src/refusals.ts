import type { Ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import { Company } from "./company.ts";
import { reasonsAgainst } from "./feasible.ts";
import type { Reason } from "./reason.ts";

/** A node that cannot take one more copy, and every reason why. */
export interface NodeRefusal {
  readonly nodeId: string;
  readonly name: string;
  readonly reasons: readonly Reason[];
}

/** What every node of the cluster has against one more copy; a node that could take it is left out. */
export function refusals(cluster: Cluster, ask: Ask, company = new Company(cluster, ask)): NodeRefusal[] {
  return cluster.nodes.numbers().flatMap((number) => {
    const reasons = reasonsAgainst(cluster, ask, company, number);
    const { id, name } = cluster.nodes.at(number);
    return reasons.length > 0 ? [{ nodeId: id, name, reasons }] : [];
  });
}
