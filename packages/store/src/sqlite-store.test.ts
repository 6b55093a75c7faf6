import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rejects } from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "./open-store.ts";
import { storeSuite, suiteTables } from "./store-suite.ts";

storeSuite("sqlite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "fractus-store-"));
  return {
    open: () => openStore(`sqlite:${join(directory, "deep", "control.db")}`, suiteTables),
    end: async () => rmSync(directory, { recursive: true }),
  };
});

test("openStore: a URL that is no store is refused without its password", async () => {
  await rejects(openStore("mysql://me:secret@host/x", []), {
    kind: "invalid",
    message: /mysql:\/\/me:…@host/,
  });
});
