import type { GrantedDevice } from "@fractus/core/allocation.ts";
import type { Footprint } from "./ask.ts";
import { grown } from "./columns.ts";
import { PortRuns } from "./ports.ts";

/** Devices and cores that one instance alone holds. */
export interface Exclusive {
  readonly devices: readonly GrantedDevice[];
  readonly cores: readonly number[];
}

/**
 * All instances as columns, by row. Rows are linked twice, to what is on the same node and to what
 * is of the same group, so that both can be walked without a search.
 *
 * A row that is unlinked keeps its content until it is recycled: it can be linked again as it was.
 */
export class InstanceTable {
  nodeOf = new Int32Array(1024);
  readonly ports = new PortRuns();

  readonly #footprints: Footprint[] = [];
  readonly #ids: (string | undefined)[] = [];
  readonly #exclusive = new Map<number, Exclusive>();
  readonly #rowsById = new Map<string, number>();
  readonly #free: number[] = [];
  #length = 0;

  readonly #jobs = new Map<string, Map<string, Chain>>();
  readonly #nodes: Chain[] = [];
  readonly #serverGroups = new Map<string, Set<number>>();
  #portsAt = new Int32Array(1024);
  #onNode = new Links();
  #inGroup = new Links();

  footprint(row: number): Footprint {
    return this.#footprints[row];
  }

  id(row: number): string | undefined {
    return this.#ids[row];
  }

  /** The row of an instance with an id, if it is linked. */
  rowOf(id: string): number | undefined {
    return this.#rowsById.get(id);
  }

  exclusive(row: number): Exclusive | undefined {
    return this.#exclusive.get(row);
  }

  portsAt(row: number): number {
    return this.#portsAt[row];
  }

  /** A row with this content, not linked yet. Its ports are to be written at `portsAt`. */
  create(content: { readonly node: number; readonly footprint: Footprint; readonly id?: string }): number {
    const row = this.#free.pop() ?? this.#length++;
    this.#makeRoom(this.#length);
    this.nodeOf[row] = content.node;
    this.#footprints[row] = content.footprint;
    this.#ids[row] = content.id;
    const width = content.footprint.ports.length;
    this.#portsAt[row] = width > 0 ? this.ports.claim(width) : 0;
    return row;
  }

  setExclusive(row: number, exclusive: Exclusive): void {
    this.#exclusive.set(row, exclusive);
  }

  recycle(row: number): void {
    const width = this.#footprints[row].ports.length;
    if (width > 0) this.ports.giveBack(this.#portsAt[row], width);
    this.#exclusive.delete(row);
    this.#ids[row] = undefined;
    this.#free.push(row);
  }

  link(row: number): void {
    const footprint = this.#footprints[row];
    this.#onNode.insert(this.#nodeChain(this.nodeOf[row]), row);
    this.#inGroup.insert(this.#groupChain(footprint), row);
    const id = this.#ids[row];
    if (id !== undefined) this.#rowsById.set(id, row);
    if (footprint.serverGroup) this.#joinServerGroup(footprint.serverGroup.id, row);
  }

  unlink(row: number): void {
    const footprint = this.#footprints[row];
    this.#onNode.take(this.#nodeChain(this.nodeOf[row]), row);
    const chain = this.#groupChain(footprint);
    this.#inGroup.take(chain, row);
    if (chain.length === 0) this.#dropGroup(footprint);
    const id = this.#ids[row];
    if (id !== undefined) this.#rowsById.delete(id);
    if (footprint.serverGroup) this.#leaveServerGroup(footprint.serverGroup.id, row);
  }

  /** Gives a row the id under which it is known from now on. */
  name(row: number, id: string): void {
    this.#ids[row] = id;
    this.#rowsById.set(id, row);
  }

  /** Rows on a node, lowest first. */
  onNode(node: number): number[] {
    const chain = this.#nodes[node];
    return chain ? this.#onNode.rows(chain) : [];
  }

  forEachInGroup(job: string, group: string, visit: (row: number) => void): void {
    const chain = this.#jobs.get(job)?.get(group);
    if (chain) this.#inGroup.forEach(chain, visit);
  }

  forEachInJob(job: string, visit: (row: number) => void): void {
    for (const chain of this.#jobs.get(job)?.values() ?? []) this.#inGroup.forEach(chain, visit);
  }

  inServerGroup(id: string): Iterable<number> {
    return this.#serverGroups.get(id) ?? [];
  }

  #nodeChain(node: number): Chain {
    return (this.#nodes[node] ??= { head: -1, length: 0 });
  }

  #groupChain({ job, group }: Footprint): Chain {
    let groups = this.#jobs.get(job);
    if (!groups) this.#jobs.set(job, (groups = new Map<string, Chain>()));
    let chain = groups.get(group);
    if (!chain) groups.set(group, (chain = { head: -1, length: 0 }));
    return chain;
  }

  #dropGroup({ job, group }: Footprint): void {
    const groups = this.#jobs.get(job);
    groups?.delete(group);
    if (groups?.size === 0) this.#jobs.delete(job);
  }

  #joinServerGroup(id: string, row: number): void {
    const members = this.#serverGroups.get(id);
    if (members) members.add(row);
    else this.#serverGroups.set(id, new Set([row]));
  }

  #leaveServerGroup(id: string, row: number): void {
    const members = this.#serverGroups.get(id);
    members?.delete(row);
    if (members?.size === 0) this.#serverGroups.delete(id);
  }

  #makeRoom(length: number): void {
    this.nodeOf = grown(this.nodeOf, length);
    this.#portsAt = grown(this.#portsAt, length);
    this.#onNode.makeRoom(length);
    this.#inGroup.makeRoom(length);
  }
}

/** A chain of rows: where it begins, and how long it is. */
interface Chain {
  head: number;
  length: number;
}

/** Doubly linked chains of rows; -1 is the end. */
class Links {
  #next = new Int32Array(1024);
  #previous = new Int32Array(1024);

  insert(chain: Chain, row: number): void {
    this.#next[row] = chain.head;
    this.#previous[row] = -1;
    if (chain.head >= 0) this.#previous[chain.head] = row;
    chain.head = row;
    chain.length++;
  }

  take(chain: Chain, row: number): void {
    const next = this.#next[row];
    const previous = this.#previous[row];
    if (next >= 0) this.#previous[next] = previous;
    if (previous >= 0) this.#next[previous] = next;
    else chain.head = next;
    chain.length--;
  }

  forEach(chain: Chain, visit: (row: number) => void): void {
    for (let row = chain.head; row >= 0; row = this.#next[row]) visit(row);
  }

  rows(chain: Chain): number[] {
    const rows: number[] = [];
    this.forEach(chain, (row) => rows.push(row));
    return rows.sort((a, b) => a - b);
  }

  makeRoom(length: number): void {
    this.#next = grown(this.#next, length);
    this.#previous = grown(this.#previous, length);
  }
}
