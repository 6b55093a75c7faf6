import assert from "node:assert/strict";
import { test } from "node:test";
import { jobFileReference } from "./documentation.ts";
import { drivers } from "./schema/drivers.ts";
import { jobFile } from "./schema/file.ts";
import { walkSchema } from "./schema/places.ts";

const reference = jobFileReference();

test("documentation: every block and every attribute of the schema is in it", () => {
  for (const { name, field } of walkSchema(jobFile)) {
    assert.ok(reference.includes(`| ${name} |`), name);
    if (field.kind === "block") assert.match(reference, new RegExp(`^## (?:.*, )?${name}(?:,|$)`, "m"));
  }
  for (const name of Object.keys(drivers)) assert.ok(reference.includes(`## ${name}\n`), name);
});

test("documentation: defaults that depend on the type of the job say so", () => {
  assert.match(
    reference,
    /\| attempts \| whole number \| `2` \(service, system\); `3` \(batch, sysbatch\) \|/,
  );
  assert.match(reference, /\| kill_timeout \| duration \| `"5s"` \|/);
});

test("documentation: what has no effect says why", () => {
  assert.match(reference, /## vault\n\n[^#]*\*\*Without effect\*\*: there is no Vault here\./);
});

test("schema: each doc line is one sentence that ends with a full stop", () => {
  for (const { path, name, field } of walkSchema(jobFile)) {
    const doc = field.kind === "attribute" ? field.doc : field.block.doc;
    assert.match(doc, /^[A-Z$a-z].*\.$/, [...path, name].join(" > "));
  }
});

test("schema: names in the JSON are not used twice in one block", () => {
  const blocks = new Set([...walkSchema(jobFile)].map((entry) => entry.block));
  for (const block of blocks) {
    const names = Object.values(block.fields).flatMap((field) =>
      field.kind === "attribute" && field.operator !== undefined ? [] : [field.json],
    );
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      block.doc,
    );
  }
});
