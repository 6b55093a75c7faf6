import { strict as assert } from "node:assert";
import type { GrantedDevice, GrantedPort } from "@fractus/core/allocation.ts";
import { defaultHostNetwork, type Node } from "@fractus/core/node.ts";
import { demandMhz, type Footprint } from "./ask.ts";
import { chooseDevices } from "./devices.ts";
import { type Exclusive, InstanceTable } from "./instances.ts";
import { NodeTable } from "./nodes.ts";
import { addressOf, isShared, packPort, portOf } from "./ports.ts";

/** An instance whose place is already known, with what its node has set aside for it. */
export interface SettledInstance {
  readonly id: string;
  readonly nodeId: string;
  readonly footprint: Footprint;
  readonly ports: readonly GrantedPort[];
  readonly devices: readonly GrantedDevice[];
  readonly cores: readonly number[];
}

/**
 * Nodes, what runs on them, and how much room is left: the state that placement reads and writes.
 *
 * To put an instance somewhere or to take it away costs what the instance itself holds, however
 * large the cluster. `attempt` tries something out: whatever was put and taken in between is undone
 * unless the attempt says that it succeeded.
 */
export class Cluster {
  readonly nodes = new NodeTable();
  readonly instances = new InstanceTable();

  readonly #takenDevices = new Map<number, Set<string>>();
  readonly #takenCores = new Map<number, Set<number>>();
  /** What open attempts did: row + 1 for a row that came, -(row + 1) for one that went. */
  readonly #journal: number[] = [];
  #openAttempts = 0;

  /** Adds a node, or takes over what is now known of it. What runs on it stays. */
  setNode(node: Node): number {
    assert.equal(this.#openAttempts, 0, "nodes do not change within an attempt");
    const known = this.nodes.numberOf(node.id);
    const rows = known < 0 ? [] : this.instances.onNode(known);
    for (const row of rows) this.#takeAway(row);
    const number = this.nodes.set(node);
    for (const row of rows) this.#put(row);
    return number;
  }

  /** Forgets a node and all that ran on it. */
  removeNode(id: string): void {
    const number = this.nodes.numberOf(id);
    if (number < 0) return;
    for (const row of this.instances.onNode(number)) this.remove(row);
    this.nodes.remove(number);
  }

  /** Puts an instance where it is known to be, whether or not there is room. */
  add(instance: SettledInstance): number {
    const node = this.nodes.numberOf(instance.nodeId);
    assert.ok(node >= 0, `there is no node ${instance.nodeId}`);
    const row = this.instances.create({ node, footprint: instance.footprint, id: instance.id });
    this.#writePorts(row, instance.ports);
    this.#setExclusive(row, instance);
    return this.#enter(row);
  }

  /**
   * Puts an instance on a node that has room for it, and chooses its ports, devices and cores.
   *
   * @param turn where the search for free ports begins, see `PortMap.choose`
   */
  settle(node: number, footprint: Footprint, turn: number): number {
    const row = this.instances.create({ node, footprint });
    if (footprint.ports.length > 0) this.#choosePorts(row, turn);
    if (footprint.devices.length > 0 || footprint.resources.cores > 0) this.#chooseExclusive(row);
    return this.#enter(row);
  }

  remove(row: number): void {
    this.#takeAway(row);
    if (this.#openAttempts > 0) this.#journal.push(-(row + 1));
    else this.instances.recycle(row);
  }

  /** Runs something and undoes all that it put and took, unless it returns true. May be nested. */
  attempt(run: () => boolean): boolean {
    const start = this.#journal.length;
    let isKept = false;
    this.#openAttempts++;
    try {
      isKept = run();
    } finally {
      this.#openAttempts--;
      if (!isKept) this.#undoTo(start);
      if (this.#openAttempts === 0) this.#close();
    }
    return isKept;
  }

  isDeviceTaken(node: number, group: string, id: string): boolean {
    return this.#takenDevices.get(node)?.has(deviceKey(group, id)) ?? false;
  }

  isCoreTaken(node: number, core: number): boolean {
    return this.#takenCores.get(node)?.has(core) ?? false;
  }

  /** The ports of a row as its node knows them. */
  portsOf(row: number): GrantedPort[] {
    const { nodes, instances } = this;
    const start = instances.portsAt(row);
    return instances.footprint(row).ports.map((ask, index) => {
      const packed = instances.ports.get(start + index);
      const port = portOf(packed);
      const to = ask.to === undefined || ask.to === -1 ? port : ask.to;
      const address = nodes.address(instances.nodeOf[row], addressOf(packed));
      return { label: ask.label, port, to, hostNetwork: ask.hostNetwork ?? defaultHostNetwork, address };
    });
  }

  #enter(row: number): number {
    this.#put(row);
    if (this.#openAttempts > 0) this.#journal.push(row + 1);
    return row;
  }

  #put(row: number): void {
    this.instances.link(row);
    this.#count(row, 1);
    this.#holdPorts(row, true);
    this.#holdExclusive(row, true);
  }

  #takeAway(row: number): void {
    this.instances.unlink(row);
    this.#count(row, -1);
    this.#holdPorts(row, false);
    this.#holdExclusive(row, false);
  }

  #count(row: number, sign: 1 | -1): void {
    const { nodes } = this;
    const node = this.instances.nodeOf[row];
    const { resources } = this.instances.footprint(row);
    nodes.cpuUsed[node] += sign * demandMhz(resources, nodes.at(node));
    nodes.memoryUsed[node] += sign * resources.memoryBytes;
    nodes.diskUsed[node] += sign * resources.diskBytes;
    nodes.coresUsed[node] += sign * resources.cores;
    nodes.instances[node] += sign;
  }

  #holdPorts(row: number, isHeld: boolean): void {
    const { nodes, instances } = this;
    const asks = instances.footprint(row).ports;
    for (let index = 0; index < asks.length; index++) {
      if (isShared(asks[index])) continue;
      const packed = instances.ports.get(instances.portsAt(row) + index);
      const map = nodes.portMap(instances.nodeOf[row], addressOf(packed));
      if (isHeld) map.take(portOf(packed));
      else map.release(portOf(packed));
    }
  }

  #holdExclusive(row: number, isHeld: boolean): void {
    const exclusive = this.instances.exclusive(row);
    if (!exclusive) return;
    const node = this.instances.nodeOf[row];
    const devices = setOf(this.#takenDevices, node);
    const cores = setOf(this.#takenCores, node);
    for (const { name, ids } of exclusive.devices) {
      for (const id of ids) hold(devices, deviceKey(name, id), isHeld);
    }
    for (const core of exclusive.cores) hold(cores, core, isHeld);
  }

  #writePorts(row: number, granted: readonly GrantedPort[]): void {
    const { nodes, instances } = this;
    const node = instances.nodeOf[row];
    for (const [index, ask] of instances.footprint(row).ports.entries()) {
      const port = granted.find(({ label }) => label === ask.label);
      assert.ok(port, `instance ${instances.id(row)} has no port ${ask.label}`);
      const address = nodes.numberOfAddress(node, port.address);
      instances.ports.set(instances.portsAt(row) + index, packPort(address, port.port));
    }
  }

  /** The fixed ports first, so that none of them is chosen for another. */
  #choosePorts(row: number, turn: number): void {
    const asks = this.instances.footprint(row).ports;
    for (let index = 0; index < asks.length; index++) {
      if (asks[index].static !== undefined) this.#choosePort(row, index, turn);
    }
    for (let index = 0; index < asks.length; index++) {
      if (asks[index].static === undefined) this.#choosePort(row, index, turn + index);
    }
  }

  #choosePort(row: number, index: number, turn: number): void {
    const { nodes, instances } = this;
    const node = instances.nodeOf[row];
    const ask = instances.footprint(row).ports[index];
    const address = nodes.addressNumber(node, ask.hostNetwork ?? defaultHostNetwork);
    assert.ok(address >= 0, "the node has no such network");
    const map = nodes.portMap(node, address);
    const port = ask.static ?? map.choose(turn);
    assert.ok(port >= 0, "the node has no port left");
    if (!isShared(ask)) map.take(port);
    instances.ports.set(instances.portsAt(row) + index, packPort(address, port));
  }

  #chooseExclusive(row: number): void {
    const node = this.instances.nodeOf[row];
    const { devices, resources } = this.instances.footprint(row);
    const choice = chooseDevices(this.nodes.at(node), devices, (group, id) =>
      this.isDeviceTaken(node, group, id),
    );
    assert.equal(choice.missing, undefined, `no device for ${this.instances.footprint(row).job}`);
    this.#setExclusive(row, { devices: choice.picks, cores: this.#freeCores(node, resources.cores) });
  }

  #setExclusive(row: number, { devices, cores }: Exclusive): void {
    if (devices.length > 0 || cores.length > 0) this.instances.setExclusive(row, { devices, cores });
  }

  /** The lowest free ones; those kept for the machine itself come first and are not given out. */
  #freeCores(node: number, wanted: number): number[] {
    const { capacity, reserved } = this.nodes.at(node);
    const cores: number[] = [];
    for (let core = reserved.cores; core < capacity.cores && cores.length < wanted; core++) {
      if (!this.isCoreTaken(node, core)) cores.push(core);
    }
    return cores;
  }

  #undoTo(start: number): void {
    while (this.#journal.length > start) {
      const entry = this.#journal.pop() ?? 0;
      if (entry < 0) {
        this.#put(-entry - 1);
      } else {
        this.#takeAway(entry - 1);
        this.instances.recycle(entry - 1);
      }
    }
  }

  #close(): void {
    for (const entry of this.#journal) if (entry < 0) this.instances.recycle(-entry - 1);
    this.#journal.length = 0;
  }
}

function deviceKey(group: string, id: string): string {
  return `${group}\n${id}`;
}

function setOf<T>(sets: Map<number, Set<T>>, key: number): Set<T> {
  let set = sets.get(key);
  if (!set) sets.set(key, (set = new Set<T>()));
  return set;
}

function hold<T>(set: Set<T>, item: T, isHeld: boolean): void {
  if (isHeld) set.add(item);
  else set.delete(item);
}
