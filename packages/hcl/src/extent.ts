import type { Value } from "./value.ts";

const nodeLimit = 200_000;
const depthLimit = 300;

/**
 * Whether a value is too large or too deep to be worked with. A few lines can describe a value with
 * more elements than there is memory, when each part is used twice in the next; so values are
 * counted as they arise, with whatever parts they share counted each time.
 */
export function isExcessive(value: Value): boolean {
  let count = 0;
  const visit = (each: Value, depth: number): boolean => {
    if (++count > nodeLimit || depth > depthLimit) return true;
    if (each.kind === "list" || each.kind === "set" || each.kind === "tuple") {
      return each.items.some((item) => visit(item, depth + 1));
    }
    if (each.kind !== "map" && each.kind !== "object") return false;
    for (const item of each.entries.values()) if (visit(item, depth + 1)) return true;
    return false;
  };
  return visit(value, 0);
}
