import assert from "node:assert/strict";
import { test } from "node:test";
import type { Parameterized } from "@fractus/core/job.ts";
import { dispatch, type DispatchRequest } from "./dispatch.ts";
import { sampleJob } from "./testing/samples.ts";

const base: DispatchRequest = { meta: {}, nowMs: 1_767_225_600_000, suffix: "0a1b2c3d" };

function attempt(rules: Partial<Parameterized>, request: Partial<DispatchRequest> = {}) {
  const parameterized = { payload: "optional", metaRequired: [], metaOptional: [], ...rules } as const;
  const job = sampleJob({ id: "encode", type: "batch", parameterized, meta: { codec: "av1" } });
  return dispatch(job, { ...base, ...request }, []);
}

function refuses(rules: Partial<Parameterized>, request: Partial<DispatchRequest>, message: RegExp): void {
  test(`dispatch: refuses ${message.source}`, () => assert.throws(() => attempt(rules, request), message));
}

test("dispatch: the child is named after time and chance, and carries meta and payload", () => {
  const { child, isNew } = attempt(
    { metaRequired: ["file"] },
    { meta: { file: "a.mp4" }, payloadBase64: "aGk=", idPrefix: "night" },
  );
  assert.ok(isNew);
  assert.equal(child.id, "encode/dispatch-night-1767225600-0a1b2c3d");
  assert.equal(child.parentId, "encode");
  assert.ok(child.dispatched);
  assert.deepEqual(child.meta, { codec: "av1", file: "a.mp4" });
  assert.equal(child.payloadBase64, "aGk=");
});

test("dispatch: the same token gets the same child", () => {
  const { child } = attempt({}, { idempotencyToken: "t1" });
  const parent = sampleJob({
    id: "encode",
    parameterized: { payload: "optional", metaRequired: [], metaOptional: [] },
  });
  const again = dispatch(parent, { ...base, idempotencyToken: "t1", suffix: "ffffffff" }, [child]);
  assert.deepEqual(again, { child, isNew: false });
  assert.ok(dispatch(parent, { ...base, idempotencyToken: "t2" }, [child]).isNew);
});

refuses({ payload: "required" }, {}, /requires a payload/);
refuses({ payload: "forbidden" }, { payloadBase64: "aGk=" }, /does not allow a payload/);
refuses({}, { payloadBase64: "A".repeat(21_848) }, /16386 bytes; at most 16384/);
refuses({}, { payloadBase64: "***" }, /not base64/);
refuses({ metaRequired: ["a", "b"] }, { meta: { a: "1" } }, /required meta: b\./);
refuses({ metaOptional: ["a"] }, { meta: { c: "1" } }, /does not allow meta: c\./);

test("dispatch: a payload of exactly 16 KiB is taken", () => {
  assert.ok(attempt({}, { payloadBase64: `${"A".repeat(21_844)}AA==`.slice(0, 21_848) }).isNew);
});

test("dispatch: a job that is not parameterized, or stopped, is refused", () => {
  assert.throws(() => dispatch(sampleJob(), base, []), /not parameterized/);
  const stopped = {
    parameterized: { payload: "optional", metaRequired: [], metaOptional: [] },
    stopped: true,
  } as const;
  assert.throws(() => dispatch(sampleJob(stopped), base, []), /is stopped/);
});
