import type { Value } from "./value.ts";

/** A value may have so many parts. */
export const nodeLimit = 200_000;
const depthLimit = 300;

/**
 * How much there is to a value, in steps of `Effort`; infinite if it is too large or too deep to be
 * worked with. A few lines can describe a value with more elements than there is memory, when each
 * part is used twice in the next; so values are measured as they arise, with whatever parts they
 * share counted each time.
 */
export function extentOf(value: Value): number {
  let nodes = 0;
  let characters = 0;
  const visit = (each: Value, depth: number): boolean => {
    if (++nodes > nodeLimit || depth > depthLimit) return false;
    if (each.kind === "string") characters += each.value.length;
    if (each.kind === "list" || each.kind === "set" || each.kind === "tuple")
      return each.items.every((item) => visit(item, depth + 1));
    if (each.kind !== "map" && each.kind !== "object") return true;
    for (const item of each.entries.values()) if (!visit(item, depth + 1)) return false;
    return true;
  };
  return visit(value, 0) ? nodes / 2 + characters / 10 : Infinity;
}
