/** Parts that many answers share. */
import type { Json } from "@fractus/control/state/records.ts";

/** What the answer to a change says about itself. */
export function meta(index: number): Json {
  return { Index: index, LastContact: 0, KnownLeader: true, NextToken: "" };
}

/** An evaluation that a change has left behind, or none. */
export function evaluated(evaluationId: string | undefined, index: number): Json {
  return {
    EvalID: evaluationId ?? "",
    EvalCreateIndex: evaluationId ? index : 0,
    ...meta(index),
  };
}
