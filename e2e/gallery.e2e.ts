/** The gallery as a person uses it: a real browser against the real API, broker and workers. */
import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fractalsClient } from "@fractals/client/client.ts";
import { chromium, type Browser, type Page } from "playwright-core";
import { needs } from "./needs.ts";
import { startFractals, type RunningFractals } from "./start-fractals.ts";

const skip = needs("chromium");
const options = { skip, timeout: 60_000 };
const quick = { width: 320, height: 240, iterations: 200, palette: "dusk", colouring: "smooth" } as const;
const second = 1000;

let fractals: RunningFractals;
let browser: Browser;

before(async () => {
  if (skip) return;
  fractals = await startFractals({ workers: 2 });
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  await fractals?.stop();
});

/**
 * Opens a page of the gallery, and afterwards asserts that it asked nobody else for anything and
 * that nothing offended the content security policy or threw.
 */
async function visit(
  hash: string,
  look: (page: Page) => Promise<void>,
  { width = 1280, height = 800, url = fractals.url } = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const offences: string[] = [];
  page.on("pageerror", (error) => offences.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) offences.push(message.text());
  });
  page.on("request", (request) => {
    const address = new URL(request.url());
    if (address.protocol !== "blob:" && address.origin !== new URL(url).origin) offences.push(request.url());
  });
  try {
    await page.goto(`${url}/${hash}`);
    await look(page);
    assert.deepEqual(offences, []);
  } finally {
    await context.close();
  }
}

const pictures = (page: Page) => page.locator(".tile-done img.is-loaded");

async function draw(count: number): Promise<string[]> {
  const client = fractalsClient(fractals.url);
  const created = await client.createMany(Array.from({ length: count }, () => quick));
  for (const { uuid } of created) {
    while ((await client.get(uuid)).status !== "done")
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return created.map(({ uuid }) => uuid);
}

test("gallery: an empty one invites, and fills by itself while one looks (CL-24)", options, () =>
  visit("", async (page) => {
    await page.getByRole("heading", { name: "Nothing hangs here yet." }).waitFor();
    await fractalsClient(fractals.url).createMany([quick, quick, quick]);
    await pictures(page).nth(2).waitFor();
    assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "3 fractals");
  }),
);

test(
  "gallery: arrow keys and Enter lead to a picture, Escape leads back to the same place",
  options,
  async () => {
    await draw(2);
    await visit("", async (page) => {
      await pictures(page).nth(1).waitFor();
      await page.locator(".tile-link[tabindex='0']").focus();
      await page.keyboard.press("ArrowRight");
      const chosen = await page.evaluate(() => (document.activeElement as HTMLElement).dataset["uuid"]);
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/#/fractal/${chosen}`);
      await page.locator(".stage-picture").waitFor();
      await page.keyboard.press("ArrowRight");
      await page.waitForURL((url) => url.hash.startsWith("#/fractal/") && !url.hash.endsWith(chosen!));
      await page.keyboard.press("ArrowLeft");
      await page.waitForURL(`**/#/fractal/${chosen}`);
      await page.keyboard.press("Escape");
      await page.waitForURL("**/#/");
      await page.waitForFunction(
        (uuid) => (document.activeElement as HTMLElement).dataset["uuid"] === uuid,
        chosen,
      );
    });
  },
);

test("gallery: a filter is in the address and shows only what fits", options, async () => {
  await fractalsClient(fractals.url).create({ ...quick, kind: "newton", power: 3 });
  await visit("#/?kind=newton", async (page) => {
    await page.getByRole("heading", { name: "1 fractal", exact: true }).waitFor();
    await page.getByRole("link", { name: "Failed" }).click();
    await page.getByRole("heading", { name: "No fractal fits." }).waitFor();
    assert.match(page.url(), /status=failed&kind=newton/);
  });
});

test("detail: it shows the picture, its checksum and the lines for a terminal", options, async () => {
  const [uuid] = await draw(1);
  const fractal = await fractalsClient(fractals.url).get(uuid);
  await visit(`#/fractal/${uuid}`, async (page) => {
    const picture = page.locator(".stage-picture");
    await picture.waitFor();
    await page.waitForFunction(
      () => (document.querySelector(".stage-picture") as HTMLImageElement).naturalWidth === 320,
    );
    await page.getByText(fractal.checksum!).waitFor();
    await page.getByText(`faafo --endpoint-url ${fractals.url} show ${uuid}`).waitFor();
    await page.keyboard.press("1");
    assert.equal((await picture.boundingBox())?.width, 320);
  });
});

test("detail: draw again makes a new fractal, delete asks first", options, async () => {
  const [uuid] = await draw(1);
  await visit(`#/fractal/${uuid}`, async (page) => {
    await page.getByRole("button", { name: "Draw again" }).click();
    await page.waitForURL((url) => url.hash.startsWith("#/fractal/") && !url.hash.endsWith(uuid));
    const copy = new URL(page.url()).hash.split("/").at(-1)!;
    const client = fractalsClient(fractals.url);
    const [first, second] = [await client.get(uuid), await client.get(copy)];
    assert.deepEqual([second.cx, second.cy], [first.cx, first.cy]);
    await page.locator(".stage-picture").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Keep it" }).click();
    assert.equal((await client.get(copy)).uuid, copy);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.waitForURL((url) => !url.hash.endsWith(copy));
    await assert.rejects(client.get(copy), /404|no fractal|not/i);
  });
});

test("form: the preview shows the pixels that the workers draw", options, () =>
  visit("#/new?width=320&height=240&samples=1&iterations=200&seed=42", async (page) => {
    const shown = page.locator(".pane-picture canvas.is-drawn");
    await shown.waitFor();
    await page.waitForFunction(
      () => document.querySelector<HTMLCanvasElement>(".pane-picture canvas")!.width === 320,
    );
    const preview = await page.evaluate(async () => {
      const canvas = document.querySelector<HTMLCanvasElement>(".pane-picture canvas")!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, 320, 240);
      return [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))];
    });
    await page.getByRole("button", { name: "Draw it" }).click();
    await page.locator(".stage-picture").waitFor();
    const drawn = await page.evaluate(async () => {
      const image = document.querySelector<HTMLImageElement>(".stage-picture")!;
      await image.decode();
      const canvas = new OffscreenCanvas(320, 240);
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, 320, 240);
      return [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))];
    });
    assert.deepEqual(preview, drawn);
  }),
);

test("form: what is wrong is said at its field, and nothing is sent", options, () =>
  visit("#/new", async (page) => {
    await page.getByLabel("Width").fill("1");
    await page.getByText("width must be a whole number from 2").waitFor();
    await page.getByRole("button", { name: "Draw it" }).click();
    await page.waitForFunction(() => (document.activeElement as HTMLInputElement).name === "width");
    assert.match(page.url(), /#\/new/);
    await page.getByRole("button", { name: "Square" }).click();
    await page.getByText("width must be").waitFor({ state: "detached" });
  }),
);

test("form: it starts from a fractal, and what is typed is in the address", options, async () => {
  const { uuid } = await fractalsClient(fractals.url).create({ ...quick, kind: "multibrot", power: 5 });
  await visit(`#/new?from=${uuid}`, async (page) => {
    await page.getByRole("radio", { name: "Multibrot" }).and(page.locator(":checked")).waitFor();
    assert.equal(await page.getByLabel("Height").inputValue(), "240");
    await page.getByLabel("Iterations").fill("333");
    await page.waitForURL(/iterations=333/);
    assert.match(page.url(), /power=5/);
  });
});

test("workers: those that draw are shown with what they do (CL-43)", options, () =>
  visit("#/workers", async (page) => {
    await page.locator(".worker").nth(1).waitFor();
    await fractalsClient(fractals.url).create({
      width: 1600,
      height: 1200,
      iterations: 5000,
      samples: 3,
      kind: "mandelbrot",
    });
    await page.locator(".worker.is-busy").waitFor();
    await page.getByRole("img", { name: /^Now \d+ waiting/ }).waitFor();
  }),
);

test("gallery: the API is killed, and the page recovers by itself (CL-9)", options, () =>
  visit("", async (page) => {
    await pictures(page).first().waitFor();
    const known = await page.getByRole("heading", { level: 1 }).innerText();
    process.kill((await fractals.pids())["api"], "SIGKILL");
    await page.getByText("The connection is gone.").waitFor({ timeout: 15 * second });
    await page.getByText("The connection is gone.").waitFor({ state: "detached", timeout: 30 * second });
    await fractalsClient(fractals.url).create(quick);
    await page.waitForFunction((text) => document.querySelector("h1")!.textContent !== text, known);
    assert.equal(await page.locator(".toast").count(), 0);
  }),
);

test("gallery: it works behind another port and under a path (CL-185)", options, async () => {
  const proxy = createServer((request, response) => {
    const path = request.url!.replace(/^\/some\/where/, "");
    const onward = httpRequest(
      fractals.url + path,
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/some/where`;
    await visit(
      "",
      async (page) => {
        await pictures(page).first().waitFor();
        await page.getByRole("link", { name: "New", exact: true }).click();
        await page.locator(".pane-picture canvas.is-drawn").waitFor();
        await page.getByText(`faafo --endpoint-url ${url} create`).waitFor();
      },
      { url },
    );
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test("gallery: no page is wider than a small phone", options, async () => {
  const [uuid] = await draw(1);
  for (const hash of ["", `#/fractal/${uuid}`, "#/new", "#/workers"])
    await visit(
      hash,
      async (page) => {
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForTimeout(300);
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(excess <= 0, `${hash} is ${excess} px too wide`);
      },
      { width: 360, height: 740 },
    );
});
