import { strict as assert } from "node:assert";
import { acceptsWork, defaultHostNetwork, type Node } from "@fractus/core/node.ts";
import { NodeClasses } from "./classes.ts";
import { grown } from "./columns.ts";
import { PortMap } from "./ports.ts";

/**
 * All nodes as columns, by the number of the node: numbers go up in the order in which nodes joined
 * and are never used again, so "the lowest number" is a tie order that everybody can follow.
 *
 * The columns are written here and by `Cluster`, and read in hot loops. Sums are whole numbers, so
 * that adding and taking away in any order comes back to the same value.
 */
export class NodeTable {
  readonly classes = new NodeClasses();
  count = 0;

  /** 1 if new work may come here. */
  accepting = new Uint8Array(64);
  classOf = new Int32Array(64);
  /** What there is to give: the capacity without what the machine keeps for itself. */
  cpuRoom = new Float64Array(64);
  memoryRoom = new Float64Array(64);
  diskRoom = new Float64Array(64);
  coreRoom = new Int32Array(64);
  mostInstances = new Float64Array(64);
  /** What instances have been given. */
  cpuUsed = new Float64Array(64);
  memoryUsed = new Float64Array(64);
  diskUsed = new Float64Array(64);
  coresUsed = new Int32Array(64);
  instances = new Int32Array(64);

  readonly #nodes: Node[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #addresses: string[][] = [];
  readonly #ports: (PortMap | undefined)[][] = [];
  /** The number of the address for ports that name no network; -1 if there is none. */
  #defaultAddress = new Int32Array(64);

  at(number: number): Node {
    return this.#nodes[number];
  }

  /** -1 if there is no such node. */
  numberOf(id: string): number {
    return this.#numbers.get(id) ?? -1;
  }

  /** The numbers of the nodes that there are. */
  numbers(): number[] {
    return [...this.#numbers.values()];
  }

  /** Adds the node, or puts it in the place of its former self. What runs on it is not touched. */
  set(node: Node): number {
    const number = this.#numbers.get(node.id) ?? this.#join(node);
    const { capacity, reserved } = node;
    this.#nodes[number] = node;
    this.accepting[number] = Number(acceptsWork(node));
    this.classOf[number] = this.classes.classify(node);
    this.cpuRoom[number] = capacity.cpuMhz - reserved.cpuMhz;
    this.memoryRoom[number] = capacity.memoryBytes - reserved.memoryBytes;
    this.diskRoom[number] = capacity.diskBytes - reserved.diskBytes;
    this.coreRoom[number] = capacity.cores - reserved.cores;
    this.mostInstances[number] = node.maxInstances ?? Infinity;
    this.#ports[number] = [];
    const standard = node.hostNetworks[defaultHostNetwork];
    this.#defaultAddress[number] = standard ? this.numberOfAddress(number, standard.address) : -1;
    return number;
  }

  /** Forgets the node. Nothing may run on it any more as far as the cluster knows. */
  remove(number: number): void {
    assert.equal(this.instances[number], 0, `${this.#nodes[number].id} still has instances`);
    this.accepting[number] = 0;
    this.#numbers.delete(this.#nodes[number].id);
    this.#ports[number] = [];
  }

  /** The number of the address that an alias stands for on this node; -1 if it has none. */
  addressNumber(number: number, alias: string): number {
    if (alias === defaultHostNetwork) return this.#defaultAddress[number];
    const network = this.#nodes[number].hostNetworks[alias];
    return network ? this.numberOfAddress(number, network.address) : -1;
  }

  numberOfAddress(number: number, address: string): number {
    const addresses = this.#addresses[number];
    const known = addresses.indexOf(address);
    return known >= 0 ? known : addresses.push(address) - 1;
  }

  address(number: number, address: number): string {
    return this.#addresses[number][address];
  }

  /** The ports of one address, with those taken that the machine keeps for itself. */
  portMap(number: number, address: number): PortMap {
    const known = this.#ports[number][address];
    if (known) return known;
    const node = this.#nodes[number];
    const map = new PortMap(node.dynamicPorts);
    for (const port of node.reserved.ports) map.take(port);
    this.#ports[number][address] = map;
    return map;
  }

  #join(node: Node): number {
    const number = this.count++;
    this.#numbers.set(node.id, number);
    this.#addresses[number] = [];
    this.#makeRoom(this.count);
    return number;
  }

  #makeRoom(length: number): void {
    this.accepting = grown(this.accepting, length);
    this.classOf = grown(this.classOf, length);
    this.cpuRoom = grown(this.cpuRoom, length);
    this.memoryRoom = grown(this.memoryRoom, length);
    this.diskRoom = grown(this.diskRoom, length);
    this.coreRoom = grown(this.coreRoom, length);
    this.mostInstances = grown(this.mostInstances, length);
    this.cpuUsed = grown(this.cpuUsed, length);
    this.memoryUsed = grown(this.memoryUsed, length);
    this.diskUsed = grown(this.diskUsed, length);
    this.coresUsed = grown(this.coresUsed, length);
    this.instances = grown(this.instances, length);
    this.#defaultAddress = grown(this.#defaultAddress, length);
  }
}
