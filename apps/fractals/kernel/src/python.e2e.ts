import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { checkPicture } from "./limits.ts";
import { decodePng } from "./png.ts";
import { createPool } from "./pool.ts";
import { randomJulia, seededRoll } from "./random-julia.ts";

const pool = createPool({ threads: 2 });
after(() => pool.close());

/** The document's row: 649 x 869 pixels, 362 iterations, its window. */
const row = {
  width: 649,
  height: 869,
  iterations: 362,
  xa: -1.77488588389,
  xb: 3.08249829401,
  ya: -1.31213919301,
  yb: 1.95281690897,
};

/** The formula of the document in Python's own complex numbers; counts as native unsigned 32-bit. */
const program = `
import array, json, sys
p = json.loads(sys.argv[1])
width, height, iterations = p["width"], p["height"], p["iterations"]
xa, xb, ya, yb = p["xa"], p["xb"], p["ya"], p["yb"]
c = complex(p["cx"], p["cy"])
counts = array.array("I")
for y in range(height):
    zy = y * (yb - ya) / (height - 1) + ya
    for x in range(width):
        zx = x * (xb - xa) / (width - 1) + xa
        z = complex(zx, zy)
        for i in range(iterations):
            if abs(z) > 2.0:
                break
            z = z * z + c
        counts.append(i)
sys.stdout.buffer.write(counts.tobytes())
`;

function pythonIsMissing(): string | false {
  try {
    execFileSync("python3", ["-c", ""], { stdio: "ignore" });
    return false;
  } catch {
    assert.notEqual(process.env.FRACTUS_REQUIRE_ALL, "1", "python3 is required and missing");
    return "python3 is missing";
  }
}

test("python: counts and colours of the document's row are Python's for a random c (CL-53, CL-54, CL-55)", async (t) => {
  const missing = pythonIsMissing();
  if (missing !== false) return t.skip(missing);
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const picture = checkPicture({ ...row, ...randomJulia(row, seededRoll(seed)) });
  const output = execFileSync("python3", ["-c", program, JSON.stringify(picture)], { maxBuffer: 2 ** 24 });
  const python = new Uint32Array(
    output.buffer.slice(output.byteOffset, output.byteOffset + output.byteLength),
  );
  const { counts, png } = await pool.render(picture, { counts: true });
  assert.equal(python.length, 649 * 869);
  assert.deepEqual(counts, python);
  const { bytes, colours } = decodePng(png);
  for (const [at, i] of python.entries())
    if (colours?.[bytes[at]] !== (((i % 8) * 32) << 16) + (((i % 16) * 16) << 8) + (i % 32) * 8)
      assert.fail(`pixel ${at} has another colour than count ${i}`);
});
