import assert from "node:assert/strict";
import { test } from "node:test";
import { planNetwork } from "./ports.ts";
import type { NetworkMode } from "./settings.ts";

const given = [
  { label: "http", hostAddress: "127.0.0.1", hostPort: 80, containerPort: 80 },
  { label: "admin", hostAddress: "127.0.0.1", hostPort: 25_000, containerPort: 8080 },
];

/** `80>80, 25000>8080` with `own` or `host` before it. */
function plan(
  labels: string[],
  portMap: Record<string, number> = {},
  networkMode: NetworkMode = "default",
): string {
  const { hasOwnNetwork, ports } = planNetwork({ ports: labels, portMap, networkMode }, given);
  const pairs = ports.map(({ hostPort, containerPort }) => `${hostPort}>${containerPort}`);
  return [hasOwnNetwork ? "own" : "host", ...pairs].join(" ");
}

test("ports: the machine's network, unless ports are mapped (CL-244)", () => {
  assert.equal(plan([]), "host");
  assert.equal(plan([], { http: 80 }), "own 80>80");
  assert.equal(plan(["http"]), "host");
  assert.equal(plan([], { http: 8080 }), "own 80>8080");
  assert.equal(plan(["http", "admin"]), "own 80>80 25000>8080");
  assert.equal(plan(["admin"], { admin: 9 }), "own 25000>9");
});

test("ports: a mode that is asked for holds, and what it cannot do is refused", () => {
  assert.equal(plan(["http"], {}, "bridge"), "own 80>80");
  assert.equal(plan([], {}, "none"), "own");
  assert.equal(plan(["http"], {}, "host"), "host");
  assert.throws(() => plan(["http"], {}, "none"), { kind: "invalid", message: /no port can be published/ });
  assert.throws(() => plan(["admin"], {}, "host"), {
    kind: "invalid",
    message: /25000 cannot be mapped to 8080/,
  });
  assert.throws(() => plan(["https"]), { kind: "invalid", message: /no port "https"/ });
});
