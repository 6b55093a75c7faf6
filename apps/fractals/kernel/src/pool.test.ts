import assert from "node:assert/strict";
import { after, test } from "node:test";
import { drawPicture } from "./browser.ts";
import { colour, toRgba } from "./colour.ts";
import { continuousPlain, countsPlain } from "./counts.ts";
import { checkPicture } from "./limits.ts";
import { kinds, type Picture } from "./picture.ts";
import { decodePng, readPicture } from "./png.ts";
import { createPool, type Pool } from "./pool.ts";

const one = createPool({ threads: 1 });
const two = createPool({ threads: 2 });
after(() => Promise.all([one.close(), two.close()]));

const documentRow = {
  width: 649,
  height: 869,
  iterations: 362,
  xa: -1.77488588389,
  xb: 3.08249829401,
  ya: -1.31213919301,
  yb: 1.95281690897,
};

/** Draws and hands out the counts too. */
async function drawn(pool: Pool, picture: Picture): Promise<{ counts: Uint32Array; png: Uint8Array }> {
  const { counts, png } = await pool.render(picture, { counts: true });
  assert.ok(counts !== undefined);
  return { counts, png };
}

function isSame(left: Uint8ClampedArray, right: Uint8ClampedArray): boolean {
  return Buffer.from(left).equals(Buffer.from(right));
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

test("pool: the document's row, counted as on other machines, in its colours (CL-53, CL-54)", async () => {
  const picture = checkPicture({ ...documentRow, cx: -0.4, cy: 0.6 });
  const { counts, png } = await drawn(two, picture);
  assert.equal(sum(counts), 5_287_160);
  const { bytes } = decodePng(png);
  assert.ok(bytes.every((index, at) => index === counts[at] % 32));
  assert.deepEqual(readPicture(png), picture);
});

test("pool: the Mandelbrot set of the measurements has the iterations measured", async () => {
  const { counts } = await drawn(
    two,
    checkPicture({
      kind: "mandelbrot",
      width: 1024,
      height: 1024,
      iterations: 1000,
      xa: -2.25,
      xb: 0.75,
      ya: -1.5,
      yb: 1.5,
    }),
  );
  assert.equal(sum(counts), 180_328_144);
});

test("pool: one thread, two threads, the plain meaning and the browser agree to the pixel", async () => {
  for (const kind of kinds)
    for (const asked of [
      { palette: "classic", colouring: "counts" },
      { palette: "ember", colouring: "counts", samples: 2 },
      { palette: "aurora", colouring: "smooth" },
      { palette: "dusk", colouring: "histogram", samples: 2 },
    ] as const) {
      const picture = checkPicture({ kind, width: 37, height: 23, iterations: 90, ...asked });
      const [first, second] = await Promise.all([drawn(one, picture), drawn(two, picture)]);
      assert.deepEqual(first.counts, countsPlain(picture));
      assert.deepEqual(second.counts, first.counts);
      assert.ok(Buffer.from(first.png).equals(second.png));
      const plain = toRgba(
        colour(picture, {
          counts: countsPlain(picture),
          continuous: picture.colouring === "counts" ? undefined : continuousPlain(picture),
        }),
      );
      assert.ok(isSame(toRgba(decodePng(first.png)), plain), JSON.stringify(picture));
      assert.ok(isSame((await drawPicture(picture)).rgba, plain));
    }
});

test("pool: a picture drawn from its own file is the same file", async () => {
  const { png } = await two.render(checkPicture({ kind: "newton", power: 5, colouring: "smooth" }));
  assert.ok(Buffer.from((await one.render(readPicture(png))).png).equals(png));
});

test("pool: pictures of many sizes, asked for at once, come out right", async () => {
  const pictures = [200, 3, 260, 40].map((width) => checkPicture({ width, height: width + 1, samples: 1 }));
  const answers = await Promise.all(pictures.map((picture) => drawn(two, picture)));
  assert.deepEqual(
    answers.map(({ counts }) => sum(counts)),
    pictures.map((picture) => sum(countsPlain(picture))),
  );
});

/** Minutes of work: orbits in a Siegel disk run round it without ever repeating. */
const endless = checkPicture({
  width: 1000,
  height: 200,
  iterations: 1_000_000,
  xa: -0.1,
  xb: 0.1,
  ya: -0.02,
  yb: 0.02,
  cx: -0.390540870218,
  cy: -0.586787907347,
});

test("pool: a cancelled picture ends soon with the signal's reason, and the pool draws on", async () => {
  const reason = new Error("no longer wanted");
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 30);
  const startedAt = performance.now();
  await assert.rejects(two.render(endless, { signal: controller.signal }), reason);
  assert.ok(performance.now() - startedAt < 5000);
  await assert.rejects(two.render(endless, { signal: AbortSignal.abort(reason) }), reason);
  const picture = checkPicture({ width: 50, height: 50 });
  assert.deepEqual((await drawn(two, picture)).counts, countsPlain(picture));
  assert.equal((await two.render(picture)).counts, undefined);
});

test("pool: progress rises to 1", async () => {
  const fractions: number[] = [];
  const picture = checkPicture({ kind: "burning-ship", width: 900, height: 900, iterations: 4000 });
  await two.render(picture, { onProgress: (fraction) => fractions.push(fraction) });
  assert.deepEqual(fractions, fractions.toSorted());
  assert.equal(fractions.at(-1), 1);
});

test("pool: a picture that cannot be drawn is refused with its field", async () => {
  const wrong = { ...checkPicture({}), width: 0 } as Picture;
  await assert.rejects(one.render(wrong), { name: "PictureError", field: "width" });
});

test("pool: closed, it ends what is under way and takes nothing more", async () => {
  const pool = createPool({ threads: 1 });
  const underWay = pool.render(endless);
  const refused = assert.rejects(underWay, /pool is closed/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await pool.close();
  await refused;
  await assert.rejects(pool.render(endless), /pool is closed/);
  await pool.close();
});

test("browser: a drawing can be cancelled and tells how far it is", async () => {
  const fractions: number[] = [];
  const controller = new AbortController();
  const drawing = drawPicture(
    checkPicture({ kind: "burning-ship", width: 300, height: 300, iterations: 5000 }),
    {
      signal: controller.signal,
      onProgress: (fraction) => {
        fractions.push(fraction);
        if (fractions.length === 2) controller.abort(new Error("enough"));
      },
    },
  );
  await assert.rejects(drawing, /enough/);
  assert.ok(fractions[0] > 0 && fractions[0] < fractions[1] && fractions[1] <= 1);
});
