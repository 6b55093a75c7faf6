/** What every store keeps: called with a way to open the same one again and again. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { RowStore } from "./row.ts";

export const suiteTables = ["nodes", "nodeNotes"];

/** @param open opens the store anew, empty the first time of each test */
export function storeSuite(
  name: string,
  begin: () => Promise<{ open(): Promise<RowStore>; end(): Promise<void> }>,
): void {
  const check = (claim: string, run: (open: () => Promise<RowStore>) => Promise<void>): void =>
    void test(`${name}: ${claim}`, async () => {
      const { open, end } = await begin();
      try {
        await run(open);
      } finally {
        await end();
      }
    });

  check("an empty one gives back nothing, at index 0", async (open) => {
    const store = await open();
    deepEqual(await store.load(), { index: 0, rows: [] });
    await store.close();
  });

  check("what was written is there when it is opened again, changes and removals included", async (open) => {
    const store = await open();
    await store.write(
      [put("nodes", "a", 1, "1"), put("nodes", "b", 1, "2"), put("nodeNotes", "a", 1, "{}")],
      1,
    );
    await store.write([put("nodes", "a", 1, "3"), { table: "nodes", id: "b", createdIndex: 1 }], 2);
    await store.close();
    const again = await open();
    const { index, rows } = await again.load();
    equal(index, 2);
    deepEqual(rows, [
      { table: "nodes", id: "a", body: "3", createdIndex: 1, modifiedIndex: 2 },
      { table: "nodeNotes", id: "a", body: "{}", createdIndex: 1, modifiedIndex: 1 },
    ]);
    await again.close();
  });

  check("a thousand rows at once, in the order in which they were made", async (open) => {
    const store = await open();
    const ids = Array.from({ length: 1000 }, (_, number) => String(number).padStart(4, "0"));
    await store.write(
      ids.map((id) => put("nodes", id, 1, `"${id}"`)),
      1,
    );
    await store.write([put("nodes", "0000a", 2, "0")], 2);
    const { rows } = await store.load();
    deepEqual(
      rows.map((row) => row.id),
      [...ids, "0000a"],
    );
    await store.close();
  });

  check("any text comes back as it was", async (open) => {
    const store = await open();
    const body = JSON.stringify({ text: "näht 'quotes' \"double\" \\ \n 𝄞 \u0001" });
    await store.write([put("nodes", "x\ny'", 7, body)], 7);
    const { rows } = await store.load();
    deepEqual(rows, [{ table: "nodes", id: "x\ny'", body, createdIndex: 7, modifiedIndex: 7 }]);
    await store.close();
  });
}

function put(table: string, id: string, createdIndex: number, body: string) {
  return { table, id, createdIndex, body };
}
