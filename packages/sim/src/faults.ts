/** What goes wrong, by chance, and comes right again. */
import type { Dice } from "@fractus/core/dice.ts";
import { between, happens, pick, pickWeighted } from "./chance.ts";
import type { SimNode, World } from "./world.ts";
import { soundWire } from "./wire.ts";

type Fault = readonly [name: string, cause: (world: World, dice: Dice) => boolean];

/** Lets one thing go wrong, if it can now. */
export function causeFault(world: World, dice: Dice): void {
  const [name, cause] = pickWeighted(dice, faults);
  if (!cause(world, dice)) return;
  world.count(name);
  world.trace(`fault: ${name}`);
}

const faults: readonly (readonly [weight: number, fault: Fault])[] = [
  [
    3,
    [
      "node dies",
      (world, dice) =>
        onNode(
          world,
          dice,
          (node) => node.isOn,
          (node) => world.killMachine(node, false),
        ),
    ],
  ],
  [
    1,
    [
      "node loses its disk",
      (world, dice) =>
        onNode(
          world,
          dice,
          (node) => node.isOn,
          (node) => world.killMachine(node, true),
        ),
    ],
  ],
  [
    4,
    [
      "node returns",
      (world, dice) =>
        onNode(
          world,
          dice,
          (node) => !node.isOn,
          (node) => world.startMachine(node),
        ),
    ],
  ],
  [
    2,
    [
      "agent dies",
      (world, dice) =>
        onNode(
          world,
          dice,
          (node) => node.agent !== undefined,
          (node) => world.killAgent(node),
        ),
    ],
  ],
  [
    4,
    [
      "agent starts",
      (world, dice) =>
        onNode(
          world,
          dice,
          (node) => node.isOn && !node.agent,
          (node) => world.startAgent(node),
        ),
    ],
  ],
  [2, ["control dies", killControl]],
  [4, ["control dies at a write", crashAtWrite]],
  [1, ["disk is full", fillDisk]],
  [3, ["disk has room again", freeDisk]],
  [
    2,
    [
      "wire is cut",
      (world, dice) =>
        onNode(
          world,
          dice,
          ({ wire }) => !wire.isCut,
          (node) => cut(world, node),
        ),
    ],
  ],
  [
    4,
    [
      "wire is joined",
      (world, dice) =>
        onNode(
          world,
          dice,
          ({ wire }) => wire.isCut,
          (node) => join(world, node),
        ),
    ],
  ],
  [2, ["wire is bad", spoilWire]],
  [2, ["wire is good", mendWire]],
  [1, ["node is slow", slowDown]],
];

function onNode(
  world: World,
  dice: Dice,
  suits: (node: SimNode) => boolean,
  act: (node: SimNode) => void,
): boolean {
  const nodes = [...world.nodes.values()].filter(suits);
  if (nodes.length === 0) return false;
  act(pick(dice, nodes));
  return true;
}

function killControl(world: World): boolean {
  if (!world.control) return false;
  world.killControl();
  return true;
}

function crashAtWrite(world: World, dice: Dice): boolean {
  if (!world.control) return false;
  world.store.crashAt({ writes: between(dice, 1, 20), when: happens(dice, 0.5) ? "before" : "after" });
  return true;
}

function fillDisk(world: World): boolean {
  if (world.store.isFull) return false;
  world.store.isFull = true;
  return true;
}

function freeDisk(world: World): boolean {
  if (!world.store.isFull) return false;
  world.store.isFull = false;
  world.quietSinceMs = world.clock.nowMs();
  return true;
}

function cut(world: World, node: SimNode): void {
  node.wire.cut();
  world.disturb(node);
}

function join(world: World, node: SimNode): void {
  node.wire.join();
  world.disturb(node);
}

function spoilWire(world: World, dice: Dice): boolean {
  const share = () => (happens(dice, 0.6) ? between(dice, 1, 25) / 100 : 0);
  world.wireQuality = { lostBefore: share(), lostAfter: share(), late: share(), repeated: share() };
  return true;
}

function mendWire(world: World): boolean {
  if (world.wireQuality === soundWire) return false;
  world.wireQuality = soundWire;
  return true;
}

function slowDown(world: World, dice: Dice): boolean {
  return onNode(
    world,
    dice,
    () => true,
    (node) => {
      node.slowness = node.slowness > 1 ? 1 : between(dice, 5, 20);
    },
  );
}

/** Everything comes right. */
export function endFaults(world: World): void {
  world.trace("all faults end");
  world.isCalm = true;
  world.store.calm();
  world.wireQuality = soundWire;
  world.quietSinceMs = world.clock.nowMs();
  for (const node of world.nodes.values()) {
    node.slowness = 1;
    if (node.wire.isCut) join(world, node);
    if (!node.isOn) world.startMachine(node);
    else if (!node.agent) world.startAgent(node);
  }
}
