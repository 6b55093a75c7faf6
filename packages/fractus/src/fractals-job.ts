/** Fractals as the cloud's first customer: its job file, filled in for this machine. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Control } from "@fractus/control/control.ts";
import { registerJob } from "@fractus/control/commands/jobs.ts";
import type { HostVolume } from "@fractus/core/node.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { renderDiagnostic } from "@fractus/hcl/diagnostic.ts";
import { canonicalJob } from "@fractus/hcl/job/api.ts";
import { jobFromApi } from "@fractus/nomad/job-from-api.ts";
import { serverCapabilities } from "./server-capabilities.ts";
import type { Settings } from "./config/settings.ts";

export const checkout = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
const jobFile = `${checkout}/apps/fractals/fractals.nomad.hcl`;
export const cliProgram = `${checkout}/apps/fractals/cli/src/fractals.ts`;

export interface FractalsPlaces {
  readonly host: string;
  readonly port: number;
  readonly amqpPort: number;
  readonly isIsolated: boolean;
}

/** What its tasks see of this machine when they have a root file system of their own. */
export function fractalsVolumes({ dataDirectory }: Settings): Readonly<Record<string, HostVolume>> {
  return {
    "fractals-code": { path: checkout, isReadOnly: true },
    "fractals-data": { path: dataDirectory, isReadOnly: false },
  };
}

/** Makes Fractals a job of the cloud, or brings the job in line with the settings. Harmless if it is so already. */
export async function runFractals(
  control: Control,
  settings: Settings,
  places: FractalsPlaces,
): Promise<void> {
  const source = readFileSync(jobFile, "utf8");
  const variables = {
    code: checkout,
    data: settings.dataDirectory,
    node: process.execPath,
    workers: String(settings.workers),
    port: String(places.port),
    amqp_port: String(places.amqpPort),
    host: places.host,
    isolated: String(places.isIsolated),
  };
  const { parseJob } = await import("@fractus/hcl/job/parse-job.ts");
  const { job, diagnostics } = parseJob(source, {
    fileName: jobFile,
    variables,
    capabilities: serverCapabilities,
  });
  if (!job) {
    const words = diagnostics.map((one) => renderDiagnostic({ name: jobFile, text: source }, one));
    throw new Refusal("invalid", words.join("\n\n"));
  }
  const definition = canonicalJob(job);
  const flags = Object.entries(variables).map(([name, value]) => [name, value] as const);
  await registerJob(control, {
    job: jobFromApi(definition),
    definition: definition as unknown as Readonly<Record<string, unknown>>,
    submission: { source, format: "hcl2", variables: "", variableFlags: Object.fromEntries(flags) },
  });
}

export function galleryUrl({ host, port }: Pick<FractalsPlaces, "host" | "port">): string {
  return `http://${reachableHost(host)}:${port}`;
}

export function queueUrl({ host, amqpPort }: Pick<FractalsPlaces, "host" | "amqpPort">): string {
  return `amqp://guest:guest@${reachableHost(host)}:${amqpPort}/`;
}

function reachableHost(host: string): string {
  return host === "0.0.0.0" || host.startsWith("127.") ? "localhost" : host;
}
