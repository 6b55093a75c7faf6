/** The dashboard as a person uses it: a real browser against a real cloud with real tasks. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import { needs } from "./needs.ts";
import { endCloud, eventually, startCloud, type RunningCloud } from "./start-cloud.ts";

const skip = needs("chromium");
const options = { skip, timeout: 90_000 };

const counter = (name: string, count = 1) => `job "${name}" {
  group "app" {
    count = ${count}
    network {
      port "http" {}
    }
    service {
      name     = "${name}"
      port     = "http"
      provider = "nomad"
    }
    update {
      min_healthy_time = "100ms"
      health_check     = "task_states"
    }
    task "count" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "n=0; while true; do n=$((n+1)); echo line $n; echo oops >&2; sleep 0.2; done"]
      }
      resources {
        cpu    = 20
        memory = 20
      }
    }
  }
}
`;

const failing = `job "broken" {
  type = "batch"
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "exit 3"]
      }
    }
  }
}
`;

const huge = `job "huge" {
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/true"
      }
      resources {
        memory = 90000000
      }
    }
  }
}
`;

let folder: string;
let dataDirectory: string;
let cloud: RunningCloud;
let browser: Browser;

/** Starts it again where it was, as a person would. */
async function startAgain(): Promise<void> {
  cloud = await startCloud({ dataDirectory, args: ["--http-port", new URL(cloud.url).port] });
}

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "dashboard-"));
  dataDirectory = join(folder, "data");
  cloud = await startCloud({ dataDirectory });
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
  if (skip) return;
  await browser?.close();
  await cloud?.stop();
  endCloud(dataDirectory);
  rmSync(folder, { recursive: true, force: true });
});

async function run(text: string): Promise<void> {
  const file = join(folder, "job.nomad.hcl");
  writeFileSync(file, text);
  const { code, stderr } = await cloud.run("job", "run", "-detach", file);
  assert.equal(code, 0, stderr);
}

interface Copy {
  readonly ID: string;
  readonly ClientStatus: string;
}
const running = async (job: string) =>
  (await cloud.get<Copy[]>(`/v1/job/${job}/allocations`)).filter((one) => one.ClientStatus === "running");

/**
 * Opens a page, and afterwards asserts that it asked nobody else for anything and that nothing threw or was
 * refused. Requests that fail are offences as well, unless the server is away or says no on purpose.
 */
async function visit(
  path: string,
  look: (page: Page) => Promise<void>,
  { width = 1280, height = 800, url = cloud.url, mayFail = false } = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const offences: string[] = [];
  page.on("pageerror", (error) => offences.push(error.message));
  page.on("console", (message) => {
    const isNetwork = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !(mayFail && isNetwork))
      offences.push(`${message.text()} ${message.location().url}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) offences.push(request.url());
  });
  try {
    await page.goto(`${url}/${path}`);
    await look(page);
    assert.deepEqual(offences, []);
  } finally {
    await context.close();
  }
}

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

test(
  "dashboard: an empty cloud says what to do, and a job file leads to a running job (CL-222)",
  options,
  () =>
    visit("", async (page) => {
      await page.getByText("fractus job run FILE").first().waitFor();
      await page.getByRole("main").getByRole("link", { name: "Run" }).click();
      await page.getByLabel("Job file").fill(counter("pasted"));
      await press(page, "Plan");
      await page.getByText("All copies find a place.").waitFor();
      await page.getByText('group "app" (1 create)').waitFor();
      await page.getByText(/^pasted\.app\[0\] is on .*: score/).waitFor();
      await press(page, "Run");
      await heading(page, /^pasted/).waitFor();
      await page.getByText("1 / 1", { exact: true }).waitFor();
      await eventually("the job runs", async () => (await running("pasted")).length === 1);
    }),
);

test("dashboard: a mistake in a job file is told with its line, and nothing is run", options, () =>
  visit(
    "run",
    async (page) => {
      await page.getByLabel("Job file").fill('job "wrong" {\n  grp "g" {}\n}\n');
      const answer = page.waitForResponse((response) => response.url().endsWith("/v1/jobs/parse"));
      await press(page, "Plan");
      assert.equal((await answer).status(), 400);
      await page.locator(".fault", { hasText: ":2:" }).waitFor();
      assert.ok(await page.getByRole("button", { name: "Run", exact: true }).isDisabled());
    },
    { mayFail: true },
  ),
);

test(
  "dashboard: from the overview to a job, its allocation, its log; then scaled and stopped (CL-207)",
  options,
  async () => {
    await run(counter("walk"));
    await visit("", async (page) => {
      await page.getByRole("link", { name: "walk", exact: true }).click();
      await page.getByText("1 / 1", { exact: true }).waitFor();
      await page
        .getByRole("region", { name: "Endpoints" })
        .getByText(/^127\.0\.0\.1:\d+$/)
        .waitFor();
      await page.getByRole("img", { name: /^Memory now [1-9]/ }).waitFor();

      await page.getByRole("link", { name: "walk.app[0]" }).click();
      const log = page.getByRole("log");
      await log.getByText("line 1\n").waitFor();
      const seen = (await log.innerText()).trim().split("\n").length;
      await page.waitForFunction(
        (count) => document.querySelector(".log")!.textContent.split("\n").length > count + 3,
        seen,
      );
      await page.getByRole("searchbox", { name: "Search" }).fill("LINE 2");
      await log.locator("mark").first().waitFor();
      assert.doesNotMatch(await log.innerText(), /line 3\b/);
      await press(page, "stderr");
      await page.getByRole("searchbox", { name: "Search" }).fill("");
      await log.getByText("oops").waitFor();
      await page.getByText("It sees the files of the machine").waitFor();

      await page.goBack();
      await page.getByLabel("Count of app").fill("3");
      await page.getByText("fractus job scale walk app 3").first().waitFor();
      await press(page, "Scale");
      await page.getByText("3 / 3", { exact: true }).waitFor();
      assert.equal((await running("walk")).length, 3);

      await press(page, "Stop");
      const question = page.getByRole("dialog");
      await question.getByText("fractus job stop walk").waitFor();
      await question.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByText("0 / 0", { exact: true }).waitFor();
      await press(page, "Start");
      await page.getByText("3 / 3", { exact: true }).waitFor();
    });
  },
);

test("dashboard: the overview says what is wrong, and why, in words (CL-242)", options, async () => {
  await run(failing);
  await run(huge);
  await visit(
    "",
    async (page) => {
      const wrong = page.getByRole("region", { name: "What needs attention" });
      await wrong.getByRole("link", { name: "broken: 1 allocation failed" }).waitFor();
      await wrong.getByText("Exit Code: 3").waitFor();
      await wrong.getByRole("link", { name: "huge waits: no node has room for 1 copy" }).waitFor();
      await wrong.getByText(/too little memory/).waitFor();
      await wrong.getByText(/Smallest change/).waitFor();
      await cloud.run("job", "stop", "-purge", "-detach", "huge");
      await cloud.run("job", "stop", "-purge", "-detach", "broken");
      await page.getByText("Nothing is wrong.").waitFor();
    },
    { mayFail: true },
  );
});

test("dashboard: a node can be taken out of use and back", options, () =>
  visit("nodes", async (page) => {
    await press(page, "Make ineligible");
    await page.getByRole("dialog").getByRole("button", { name: "Make ineligible" }).click();
    await page.getByRole("cell", { name: "ineligible" }).waitFor();
    await press(page, "Make eligible");
    await page.getByRole("cell", { name: "ready" }).waitFor();
    await page.locator("tbody th").getByRole("link").click();
    await page.getByText("kernel.name").waitFor();
    await page.getByRole("searchbox", { name: "Filter attributes" }).fill("os.name");
    await page.getByText("kernel.name").waitFor({ state: "detached" });
  }),
);

test("dashboard: keys alone lead to a job", options, () =>
  visit("", async (page) => {
    await heading(page, "Overview").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("past");
    await page
      .getByRole("option", { name: /pasted/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await heading(page, /^pasted/).waitFor();
    assert.match(page.url(), /\/job\?id=pasted$/);
  }),
);

test("dashboard: the cloud is killed and comes back, and the page goes on by itself", options, () =>
  visit(
    "job?id=pasted",
    async (page) => {
      await page.getByText("1 / 1", { exact: true }).waitFor();
      await cloud.kill();
      await page.getByText("The connection is gone.").waitFor({ timeout: 15_000 });
      assert.ok(await page.getByText("1 / 1", { exact: true }).isVisible(), "what was known is still shown");
      await startAgain();
      await page.getByText("The connection is gone.").waitFor({ state: "detached", timeout: 20_000 });
      await cloud.run("job", "scale", "-detach", "pasted", "2");
      await page.getByText("2 / 2", { exact: true }).waitFor();
    },
    { mayFail: true },
  ),
);

test("dashboard: canaries wait for a word, which a button gives", options, async () => {
  const canary = counter("careful").replace("update {", "update {\n      canary = 1");
  await run(canary);
  await eventually("the first version runs", async () => (await running("careful")).length === 1);
  await run(canary.replace("sleep 0.2", "sleep 0.3"));
  await visit("job?id=careful", async (page) => {
    await press(page, "Promote");
    await page.getByText("successful", { exact: true }).waitFor();
    await page.getByText("1 / 1", { exact: true }).waitFor();
    await page.getByText(/n=\$\(\(n\+1\)\).*→.*sleep 0\.3/).waitFor();
  });
});

test("dashboard: who has no token is asked for one", options, async () => {
  const guarded = await startCloud({ dataDirectory: join(folder, "guarded", "data"), args: ["--acl"] });
  try {
    const { SecretID } = (await (
      await fetch(`${guarded.url}/v1/acl/bootstrap`, { method: "POST" })
    ).json()) as { readonly SecretID: string };
    await visit(
      "jobs",
      async (page) => {
        await page.getByLabel("Secret ID of a token").fill(SecretID);
        await press(page, "Use it");
        await page.getByText("There are no jobs. Run one:").waitFor();
        await page.reload();
        await page.getByText("There are no jobs. Run one:").waitFor();
        await press(page, "Forget the token");
        await heading(page, "A token is needed").waitFor();
      },
      { url: guarded.url, mayFail: true },
    );
  } finally {
    await guarded.stop();
    endCloud(guarded.dataDirectory);
  }
});

const strictPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

test(
  "dashboard: it works behind another port, under a path, with a strict content security policy",
  options,
  async () => {
    const proxy = createServer((request, response) => {
      const path = request.url!.replace(/^\/some\/where/, "");
      const onward = httpRequest(
        cloud.url + path,
        { method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode!, {
            ...answer.headers,
            "content-security-policy": strictPolicy,
          });
          answer.pipe(response);
        },
      );
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/some/where`;
      await visit(
        "job?id=pasted",
        async (page) => {
          await heading(page, /^pasted/).waitFor();
          await page.getByRole("link", { name: "Nodes" }).click();
          await page.getByRole("cell", { name: "ready" }).waitFor();
          assert.equal(page.url(), `${url}/nodes`);
          await page.reload();
          await page.getByRole("cell", { name: "ready" }).waitFor();
        },
        { url },
      );
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  },
);

test("dashboard: no page is wider than a small phone", options, async () => {
  const [{ ID }] = await running("pasted");
  const [node] = await cloud.get<{ readonly ID: string }[]>("/v1/nodes");
  const paths = ["", "jobs", "job?id=pasted", `allocation?id=${ID}`, "nodes", `node?id=${node.ID}`, "run"];
  for (const path of paths)
    await visit(
      path,
      async (page) => {
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForTimeout(300);
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(excess <= 0, `${path} is ${excess} px too wide`);
      },
      { width: 360, height: 740 },
    );
});
