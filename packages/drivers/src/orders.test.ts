import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeOrders } from "./orders.ts";

const plain = { directory: "/", env: {}, argv: ["/bin/true"] };

test("orders: each text says how many lines it has", () => {
  assert.equal(
    encodeOrders({
      directory: "/a\nb",
      env: { A: "" },
      argv: ["/bin/echo", "x"],
      size: { rows: 5, columns: 9 },
    }),
    "D 2 \n/a\nb\nV 1 A\n\nA 1 \n/bin/echo\nA 1 \nx\nT 5 9\n",
  );
});

test("orders: what a shell would not export goes by env", () => {
  const text = encodeOrders({ ...plain, env: { IFS: "x", "a.b": "1", GOOD: "2" } });
  assert.match(
    text,
    /V 1 GOOD\n2\nA 1 \n\/usr\/bin\/env\nA 1 \n--\nA 1 \nIFS=x\nA 1 \na\.b=1\nA 1 \n\/bin\/true/,
  );
});

test("orders: what the system cannot pass on is refused", () => {
  const refused = (change: object) =>
    assert.throws(() => encodeOrders({ ...plain, ...change }), { name: "Refusal", kind: "invalid" });
  refused({ env: { "": "x" } });
  refused({ env: { "A=B": "x" } });
  refused({ env: { A: "x\0" } });
  refused({ argv: ["/bin/echo", "\0"] });
  refused({ env: { PWD: "/" }, argv: ["/a=b/c"] });
});
