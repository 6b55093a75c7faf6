/** The jobs that people ask for: shells that count, so that a lost or repeated line shows. */
import type { JsonObject } from "@fractus/hcl/job/json.ts";

/** Part of every task's command line, and of nothing else's. */
export const taskMark = "echo $$ $n";

/** Each line is the process and its count: `4711 12`. */
const counting = `n=0; while :; do n=$((n+1)); ${taskMark}; sleep 0.3; done`;

export interface ServiceWish {
  readonly id: string;
  readonly marker: string;
  readonly count: number;
  readonly memoryMb: number;
  /** A rolling update watches what it replaces; without one all is replaced at once. */
  readonly isRolling: boolean;
}

export function serviceJob({ id, marker, count, memoryMb, isRolling }: ServiceWish): JsonObject {
  const spread = { Attribute: "${node.unique.name}", Weight: 50 };
  const update = {
    MaxParallel: isRolling ? 2 : 0,
    HealthCheck: "task_states",
    MinHealthyTime: 200 * millisecond,
    HealthyDeadline: 60 * second,
    ProgressDeadline: 120 * second,
  };
  return {
    ...job(id, marker, group({ count, memoryMb, script: counting })),
    Type: "service",
    Update: update,
    Spreads: [spread],
  };
}

export function batchJob(wish: {
  readonly id: string;
  readonly marker: string;
  readonly count: number;
  readonly lines: number;
}): JsonObject {
  const { id, marker, count, lines } = wish;
  return { ...job(id, marker, group({ count, memoryMb: 16, script: summing(lines) })), Type: "batch" };
}

/** One that is there to be dispatched. */
export function dispatchedJob(id: string): JsonObject {
  return {
    ...job(id, "first", group({ count: 1, memoryMb: 16, script: summing(5) })),
    Type: "batch",
    ParameterizedJob: { Payload: "optional", MetaRequired: [], MetaOptional: [] },
  };
}

function summing(lines: number): string {
  return `n=0; while [ $n -lt ${lines} ]; do n=$((n+1)); ${taskMark}; sleep 0.1; done`;
}

function job(id: string, marker: string, taskGroup: JsonObject): JsonObject {
  return { ID: id, Name: id, Datacenters: ["*"], Meta: { marker }, TaskGroups: [taskGroup] };
}

function group(wish: {
  readonly count: number;
  readonly memoryMb: number;
  readonly script: string;
}): JsonObject {
  return {
    Name: "group",
    Count: wish.count,
    Networks: [{ DynamicPorts: [{ Label: "http" }] }],
    EphemeralDisk: { SizeMB: 10 },
    RestartPolicy: { Attempts: 20, Interval: 60 * second, Delay: 100 * millisecond, Mode: "delay" },
    ReschedulePolicy: {
      Attempts: 0,
      Interval: 0,
      Unlimited: true,
      Delay: 5 * second,
      DelayFunction: "constant",
    },
    Tasks: [
      {
        Name: "count",
        Driver: "raw_exec",
        Config: { command: "/bin/sh", args: ["-c", wish.script] },
        LogConfig: { MaxFiles: 2, MaxFileSizeMB: 2 },
        KillTimeout: 2 * second,
        Resources: { CPU: 10, MemoryMB: wish.memoryMb },
      },
    ],
  };
}

/** In nanoseconds, as the API has them. */
const millisecond = 1_000_000;
const second = 1000 * millisecond;
