/** Finds places on the cluster for what a decision wants placed. */
import type { Grant } from "@fractus/core/allocation.ts";
import type { Group } from "@fractus/core/job.ts";
import { type Ask, demandMhz } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import type { AskOf } from "./group-ask.ts";
import { type Copy, Placer, type PlaceOptions, type Spot, type Victim } from "./placer.ts";
import type { Failure } from "./place.ts";
import type { Place } from "./reconcile/carry-out.ts";
import type { Placement } from "./reconcile/decision.ts";

/** Who sits where, who had to leave for it, and why some found no place. */
export interface Seating {
  readonly places: ReadonlyMap<Placement, Place>;
  readonly evicted: ReadonlyMap<Placement, readonly Victim[]>;
  /** By group name. */
  readonly failures: ReadonlyMap<string, GroupFailure>;
}

export interface GroupFailure extends Failure {
  readonly ask: Ask;
  readonly placed: number;
}

/**
 * Places copy after copy on the cluster, as `placements` has them in order. A copy that replaces
 * another may use its room; if it finds none all the same, the other stays. After a group's first
 * copy without a place its others are only counted, except where each has its own node.
 */
export function seat(
  cluster: Cluster,
  placements: readonly Placement[],
  means: { readonly askOf: AskOf; readonly options: PlaceOptions },
): Seating {
  const places = new Map<Placement, Place>();
  const evicted = new Map<Placement, readonly Victim[]>();
  const failures = new Map<string, GroupFailure>();
  let placer = new Placer(cluster, means.options);
  for (const placement of placements) {
    const wanted = means.askOf(placement);
    if (!wanted) continue;
    const { group, ask } = wanted;
    const failure = failures.get(placement.group);
    const spot =
      failure && placement.nodeId === undefined
        ? undefined
        : attempt(cluster, placer, { placement, group, ask });
    if (spot) {
      places.set(placement, {
        nodeId: nodeIdOf(cluster, spot),
        grant: grantOf(cluster, spot, group),
        score: spot.score,
      });
      if (spot.evicted.length > 0) evicted.set(placement, spot.evicted);
      continue;
    }
    // What the attempt took away is back, which this placer has not seen.
    placer = new Placer(cluster, means.options);
    const refusals = failure?.refusals ?? placer.refusals(ask);
    failures.set(placement.group, { ask, refusals, unplaced: (failure?.unplaced ?? 0) + 1, placed: 0 });
  }
  return { places, evicted, failures: withPlaced(failures, places) };
}

function attempt(
  cluster: Cluster,
  placer: Placer,
  wish: { readonly placement: Placement; readonly group: Group; readonly ask: Ask },
): Spot | undefined {
  let spot: Spot | undefined;
  cluster.attempt(() => {
    const { previous, isUpdate } = wish.placement;
    const row = previous && isUpdate ? cluster.instances.rowOf(previous.id) : undefined;
    if (row !== undefined) placer.remove(row);
    spot = placer.next(wish.ask, copyOf(wish.placement, wish.group));
    return spot !== undefined;
  });
  return spot;
}

function copyOf(placement: Placement, { ephemeralDisk }: Group): Copy {
  const isSticky = ephemeralDisk.sticky || ephemeralDisk.migrate;
  return {
    onNode: placement.nodeId,
    previousNode: isSticky ? placement.previous?.nodeId : undefined,
    failedOn: placement.penaltyNodeIds,
  };
}

function nodeIdOf(cluster: Cluster, { row }: Spot): string {
  return cluster.nodes.at(cluster.instances.nodeOf[row]).id;
}

/** What the node has set aside, task by task; whole cores are dealt out in the order of the tasks. */
function grantOf(cluster: Cluster, { row }: Spot, group: Group): Grant {
  const { resources } = cluster.instances.footprint(row);
  const node = cluster.nodes.at(cluster.instances.nodeOf[row]);
  const { devices = [], cores = [] } = cluster.instances.exclusive(row) ?? {};
  const left = [...cores];
  const tasks = group.tasks.map(
    ({ name, resources: { cpuMhz, memoryBytes, memoryMaxBytes, cores: count } }) => [
      name,
      { cpuMhz, memoryBytes, memoryMaxBytes, cores: left.splice(0, count) },
    ],
  );
  return {
    cpuMhz: demandMhz(resources, node),
    memoryBytes: resources.memoryBytes,
    diskBytes: resources.diskBytes,
    cores,
    ports: cluster.portsOf(row),
    devices,
    tasks: Object.fromEntries(tasks) as Grant["tasks"],
  };
}

function withPlaced(
  failures: ReadonlyMap<string, GroupFailure>,
  places: ReadonlyMap<Placement, Place>,
): Map<string, GroupFailure> {
  const placed = (name: string) => [...places.keys()].filter((placement) => placement.group === name).length;
  return new Map([...failures].map(([name, failure]) => [name, { ...failure, placed: placed(name) }]));
}
