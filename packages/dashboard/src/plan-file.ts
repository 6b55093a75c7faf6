/** A job file on its way: read by the server, planned, and run as it was planned. */
import type { Client } from "@fractus/client/client.ts";
import type { PlanAnswer } from "@fractus/client/types/plan.ts";
import { usualNamespace } from "./route.ts";

export interface JobText {
  readonly text: string;
  readonly variables: string;
}

type JobJson = Awaited<ReturnType<Client["jobs"]["parse"]>>;

export interface Planned {
  readonly file: JobText;
  readonly job: JobJson;
  readonly format: "hcl2" | "json";
  readonly plan: PlanAnswer;
}

/** What running the file would bring about; changes nothing. @throws ApiError with what is wrong in the file */
export async function planFile(client: Client, file: JobText): Promise<Planned> {
  const sent = jsonJob(file.text);
  const job = sent ?? (await client.jobs.parse(file.text, { variables: file.variables }));
  const { id, namespace } = nameOf(job);
  const plan = await client.jobs.plan(id, job, { diff: true }, { namespace });
  return { file, job, format: sent ? "json" : "hcl2", plan };
}

/** Runs what was planned, unless the job has changed since. */
export async function runPlanned(
  client: Client,
  { file, job, format, plan }: Planned,
): Promise<{ readonly id: string; readonly namespace: string }> {
  const named = nameOf(job);
  const { text: Source, variables: Variables } = file;
  const submission = { Source, Format: format, ...(Variables && { Variables }) };
  await client.jobs.register(
    job,
    { checkIndex: plan.JobModifyIndex, submission },
    { namespace: named.namespace },
  );
  return named;
}

/** A job in the JSON of the API, bare or as `{"Job": …}`; undefined for anything else. */
export function jsonJob(text: string): JobJson | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const json = JSON.parse(text) as JobJson & { readonly Job?: JobJson };
    const job = json.Job ?? json;
    return typeof job.ID === "string" ? job : undefined;
  } catch {
    return undefined; // HCL has a JSON dialect of its own, which the server reads.
  }
}

function nameOf(job: JobJson): { readonly id: string; readonly namespace: string } {
  const { ID: id, Name: name, Namespace: namespace } = job;
  return {
    id: [id, name].find((text) => typeof text === "string") ?? "",
    namespace: typeof namespace === "string" && namespace !== "" ? namespace : usualNamespace,
  };
}
