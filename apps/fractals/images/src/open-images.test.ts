import assert from "node:assert/strict";
import { test } from "node:test";
import { openImages } from "./open-images.ts";
import type { ImageTable } from "./image-store.ts";

const unused = {} as ImageTable;

test("image store URL: database", async () => {
  assert.equal((await openImages("database:", unused)).description, "database");
});

test("image store URL: an unknown scheme is refused with what would do", async () => {
  await assert.rejects(openImages("ftp://host/x", unused), /must be database:, file:.*not "ftp:\/\/host\/x"/);
});
