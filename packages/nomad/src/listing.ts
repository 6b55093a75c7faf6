/**
 * Lists: narrowed by `prefix` and `filter`, in the order of their keys or, with `reverse`, against it,
 * and given page by page with `per_page` and `next_token`.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs#pagination
 */
import type { Json } from "@fractus/control/state/records.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Call } from "./call.ts";
import { filterOf } from "./filter.ts";

export interface Listing<Row> {
  readonly rows: Iterable<Row>;
  /** What `prefix` is compared with. */
  readonly idOf: (row: Row) => string;
  /** When it came into being; without it the list is in the order of ids. */
  readonly createdAt?: (row: Row) => number;
  readonly shape: (row: Row) => Json;
  /** What `filter` looks at, where that is more than what is shown. */
  readonly whole?: (row: Row) => Json;
}

/** The page of the list that was asked for; says in a header where the next one begins. */
export function listed<Row>(call: Call, listing: Listing<Row>): Json[] {
  const { idOf, shape, createdAt = () => 0 } = listing;
  const prefix = call.query("prefix") ?? "";
  const passes = filterOfRows(call, listing);
  const keyed = [...listing.rows]
    .filter((row) => idOf(row).startsWith(prefix))
    .map((row) => ({ row, key: { index: createdAt(row), id: idOf(row) } }))
    .sort((a, b) => compareKeys(a.key, b.key));
  if (call.flag("reverse")) keyed.reverse();
  const most = call.number("per_page") || Infinity;
  const page: Json[] = [];
  for (const { row, key } of keyed.slice(startOf(call, keyed))) {
    if (!passes(row)) continue;
    if (page.length === most) {
      void call.reply.header("X-Nomad-Nexttoken", tokenOf(key));
      break;
    }
    page.push(shape(row));
  }
  return page;
}

function filterOfRows<Row>(call: Call, { shape, whole = shape }: Listing<Row>): (row: Row) => boolean {
  const filter = call.query("filter");
  if (!filter) return () => true;
  const passes = filterOf(filter);
  return (row) => passes(whole(row));
}

interface Key {
  readonly index: number;
  readonly id: string;
}

function compareKeys(a: Key, b: Key): number {
  return a.index - b.index || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function tokenOf({ index, id }: Key): string {
  return encodeURIComponent(`${index}.${id}`);
}

/** Where the page begins: the row of the token, or what comes after it if that is gone. */
function startOf(call: Call, keyed: readonly { readonly key: Key }[]): number {
  const token = call.query("next_token");
  if (!token) return 0;
  const [, index, id] = /^(-?\d+)\.(.*)$/s.exec(decoded(token)) ?? [];
  if (id === undefined) throw new Refusal("invalid", `Invalid next_token ${JSON.stringify(token)}`);
  const sign = call.flag("reverse") ? -1 : 1;
  const start = keyed.findIndex(({ key }) => sign * compareKeys(key, { index: Number(index), id }) >= 0);
  return start < 0 ? keyed.length : start;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
