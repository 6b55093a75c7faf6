/** Blocks whose names are the author's own. */
import type { BlockSchema } from "./block.ts";

/** A map of texts: `meta`, `env`, `options`. */
export function texts(page: string, doc: string): BlockSchema {
  return { page, doc, fields: {}, free: "strings" };
}

/** Whatever the author writes; nested blocks become lists of maps. */
export function passedThrough(page: string, doc: string): BlockSchema {
  return { page, doc, fields: {}, free: "anything" };
}

export const meta = texts("meta", "Notes in the author's own words; tasks see them as NOMAD_META_….");
