/** The tutorial's section "Login with SSH and use the Fractal app", as far as it concerns the application. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fractalsClient } from "@fractals/client/client.ts";
import type { Fractal } from "@fractals/client/fractal.ts";
import type { Pixels } from "@fractals/kernel/colour.ts";
import { decodePng } from "@fractals/kernel/png.ts";
import { needs } from "./needs.ts";
import { startFractals, type RunningFractals } from "./start-fractals.ts";

const run = promisify(execFile);
const bin = (name: string) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url));
const row = {
  width: 649,
  height: 869,
  iterations: 362,
  xa: -1.77488588389,
  xb: 3.08249829401,
  ya: -1.31213919301,
  yb: 1.95281690897,
};

/** The document's loop and palette, line by line, in Python's own arithmetic. */
const python = `
import sys, json
f = json.load(sys.stdin)
c = complex(f['cx'], f['cy'])
out = bytearray()
for y in range(f['height']):
    zy = y * (f['yb'] - f['ya']) / (f['height'] - 1) + f['ya']
    for x in range(f['width']):
        z = complex(x * (f['xb'] - f['xa']) / (f['width'] - 1) + f['xa'], zy)
        for i in range(f['iterations']):
            if abs(z) > 2.0:
                break
            z = z * z + c
        out += bytes((i % 8 * 32, i % 16 * 16, i % 32 * 8))
sys.stdout.buffer.write(out)
`;

/** Three bytes per pixel, whether or not the file has a table of colours. */
function rgbOf({ bytes, colours }: Pixels): Buffer {
  if (!colours) return Buffer.from(bytes);
  const rgb = Buffer.alloc(bytes.length * 3);
  for (const [at, index] of bytes.entries()) rgb.writeUIntBE(colours[index], at * 3, 3);
  return rgb;
}

void suite("the tutorial's application", () => {
  let fractals: RunningFractals;
  let folder: string;
  before(async () => {
    fractals = await startFractals({ workers: 2 });
    folder = mkdtempSync(join(tmpdir(), "document-"));
  });
  after(async () => {
    await fractals.stop();
    rmSync(folder, { recursive: true });
  });
  const faafo = async (...args: string[]) =>
    (await run(bin("faafo"), ["--endpoint-url", fractals.url, ...args])).stdout;
  const drawn = async (uuid: string): Promise<Fractal> => {
    for (let tries = 0; tries < 400; tries++) {
      const fractal = await fractalsClient(fractals.url).get(uuid);
      if (fractal.status === "done" || fractal.status === "failed") return fractal;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${uuid} was not drawn`);
  };

  test(
    "its row, posted by curl, comes back as the picture that Python draws (CL-13, CL-53, CL-55)",
    { skip: needs("curl", "python3") },
    async () => {
      const post = [
        "-sS",
        "-X",
        "POST",
        "-H",
        "content-type: application/json",
        "-d",
        JSON.stringify(row),
        `${fractals.url}/v1/fractal`,
      ];
      const { stdout } = await run("curl", post);
      const { uuid } = JSON.parse(stdout) as Fractal;
      const fractal = await drawn(uuid);
      const file = join(folder, "row.png");
      await run("curl", ["-sS", "-o", file, `${fractals.url}/fractal/${uuid}`]);
      const png = execFileSync("cat", [file]);
      assert.equal(createHash("sha256").update(png).digest("hex"), fractal.checksum);
      const expected = execFileSync("python3", ["-c", python], {
        input: JSON.stringify(fractal),
        maxBuffer: 2 ** 24,
      });
      assert.ok(rgbOf(decodePng(png)).equals(expected), `differs for c = ${fractal.cx} + ${fractal.cy}i`);
    },
  );

  test("faafo show prints its table (CL-52, CL-53, CL-54)", async () => {
    const { uuid } = await drawn((await fractalsClient(fractals.url).create(row)).uuid);
    const lines = (await faafo("show", uuid)).trimEnd().split("\n");
    const expected = [
      /^\+-{12}\+-{66}\+$/,
      /^\| Parameter {2}\| Value {60}\|$/,
      /^\+-{12}\+-{66}\+$/,
      new RegExp(`^\\| uuid       \\| ${uuid} {29}\\|$`),
      /^\| duration {3}\| \d+\.\d{6} seconds +\|$/,
      /^\| dimensions \| 649 x 869 pixels +\|$/,
      /^\| iterations \| 362 +\|$/,
      /^\| xa {9}\| -1\.77488588389 +\|$/,
      /^\| xb {9}\| 3\.08249829401 +\|$/,
      /^\| ya {9}\| -1\.31213919301 +\|$/,
      /^\| yb {9}\| 1\.95281690897 +\|$/,
      /^\| size {7}\| \d+ bytes +\|$/,
      /^\| checksum {3}\| [0-9a-f]{64} \|$/,
      /^\+-{12}\+-{66}\+$/,
    ];
    assert.equal(lines.length, expected.length);
    for (const [at, pattern] of expected.entries()) assert.match(lines[at], pattern);
  });

  test("faafo --endpoint-url URL --verbose create prints its line (CL-47, CL-48)", async () => {
    const line =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ INFO faafo\.client \[-\] generating (\d+) task\(s\)\n$/;
    const before = (await fractalsClient(fractals.url).list()).num_results;
    const [, tasks] = line.exec(await faafo("--verbose", "create")) ?? [];
    assert.ok(Number(tasks) >= 1 && Number(tasks) <= 10);
    assert.equal((await fractalsClient(fractals.url).list()).num_results, before + Number(tasks));
    assert.match(await faafo("--verbose", "create", "--tasks", "6"), /generating 6 task\(s\)/);
  });

  test("get, list and delete exist and say what they do (CL-56)", async () => {
    for (const command of ["get", "list", "delete"])
      assert.match(await faafo(command, "--help"), new RegExp(`faafo ${command}`));
    const [uuid] = (
      await faafo("create", "--tasks", "1", "--max-width", "64", "--min-width", "32", "--wait")
    ).split("\n");
    const file = join(folder, "one.png");
    assert.equal(await faafo("get", uuid, "--output", file), `${file}\n`);
    assert.match(await faafo("list", "--limit", "1"), new RegExp(`${uuid} .*done`));
    const again = await run(bin("fractals"), ["redraw", "--check", file]);
    assert.match(again.stdout, /exactly what its parameters draw/);
    await faafo("delete", uuid);
    await assert.rejects(faafo("show", uuid), /There is no fractal/);
  });

  test("a command that cannot reach the API says where it looked", async () => {
    await assert.rejects(
      run(bin("faafo"), ["--endpoint-url", "http://127.0.0.1:1", "list"]),
      /the API at http:\/\/127\.0\.0\.1:1 cannot be reached/,
    );
  });

  test("redraw refuses a file that is not ours", async () => {
    const file = join(folder, "other.png");
    writeFileSync(file, "no picture");
    await assert.rejects(run(bin("fractals"), ["redraw", file]), /fractals: .*PNG/);
  });

  test("the workers' processes show their name (CL-45, CL-46)", async () => {
    const { "worker-0": worker, api } = await fractals.pids();
    assert.match(
      execFileSync("ps", ["-o", "args=", "-p", String(worker)], { encoding: "utf8" }),
      /faafo-worker/,
    );
    assert.match(execFileSync("ps", ["-o", "args=", "-p", String(api)], { encoding: "utf8" }), /faafo-api/);
  });
});
