import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ImageStore } from "./image-store.ts";

const key = "154c7b41-108e-4696-a059-1bde9bf03d0a";

/** What every image store keeps to. `open` gives an empty one and closes it after each test. */
export function imageStoreSuite(
  name: string,
  withStore: (use: (store: ImageStore) => Promise<void>) => Promise<void>,
) {
  void suite(`image store: ${name}`, () => {
    test("gives back what was put, byte for byte", () =>
      withStore(async (store) => {
        const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) & 255);
        await store.put(key, bytes);
        assert.deepEqual(Buffer.from((await store.get(key))!), Buffer.from(bytes));
      }));

    test("a second put replaces the first", () =>
      withStore(async (store) => {
        await store.put(key, Uint8Array.of(1, 2, 3));
        await store.put(key, Uint8Array.of(4));
        assert.deepEqual([...(await store.get(key))!], [4]);
        assert.deepEqual(await store.keys(), [key]);
      }));

    test("a key with a suffix is a picture of its own", () =>
      withStore(async (store) => {
        await store.put(key, Uint8Array.of(1));
        await store.put(`${key}.thumb`, Uint8Array.of(2));
        assert.deepEqual(await store.keys(), [key, `${key}.thumb`]);
        await store.delete(key);
        assert.deepEqual([...(await store.get(`${key}.thumb`))!], [2]);
      }));

    test("what is not there is undefined, and deleting it is no error", () =>
      withStore(async (store) => {
        assert.equal(await store.get(key), undefined);
        await store.delete(key);
        await store.delete(key);
      }));

    test("a key that could be a path is refused", () =>
      withStore(async (store) => {
        await assert.rejects(store.put("../../etc/passwd", Uint8Array.of(1)), /not the key/);
      }));
  });
}
