/** All jobs, and how one comes into being. After https://developer.hashicorp.com/nomad/api-docs/jobs. */
import { registerJob } from "@fractus/control/commands/jobs.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { hasErrors, renderDiagnostic } from "@fractus/hcl/diagnostic.ts";
import { canonicalizeJob } from "@fractus/hcl/job/canonicalize.ts";
import { evaluated } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { checkedJob, listText, sentenceOf, sentJob } from "../job-body.ts";
import { jobStatuses, jobStatusesAt } from "../job-statuses.ts";
import { listed } from "../listing.ts";
import { movesThatHelp } from "../rebalance.ts";
import { read, type Route, write } from "../route.ts";
import { jobShape, jobStub } from "../shape/job.ts";
import { bodyOf } from "../fields.ts";

export const jobsRoutes: readonly Route[] = [
  read("/jobs", ({ state }) => Math.max(state.jobs.modifiedIndex, state.summaries.modifiedIndex), listJobs),
  write("/jobs", register),
  write("/jobs/parse", parse),
  read("/jobs/statuses", jobStatusesAt, jobStatuses),
  write("/jobs/statuses", jobStatuses),
  write("/validate/job", validate),
  write("/rebalance", rebalance),
];

function listJobs(call: Call): Json[] {
  const { state } = call;
  const hasMeta = call.flag("meta");
  const rows = call.namespace === "*" ? state.jobs.values() : state.jobs.by("project", call.namespace);
  return listed(call, {
    rows: [...rows].filter(({ job }) => call.lists(job.project)),
    idOf: ({ job }) => job.id,
    shape: (record) => jobStub(state, record, { hasMeta }),
    whole: (record) => ({ ...jobStub(state, record, { hasMeta }), ...jobShape(state, record) }),
  });
}

/** Registers the job of the body; at `/job/:id` it has to be that one. */
export async function register(call: Call): Promise<Json> {
  const { registration, warnings } = sentJob(call);
  const named = call.path("id");
  if (named !== "" && named !== registration.job.id)
    throw new Fault(400, "Job ID does not match name of job in the request");
  const { evaluationId, index, job } = await registerJob(call.control, registration);
  return { ...evaluated(evaluationId, index), JobModifyIndex: job.specIndex, Warnings: warnings };
}

const parseRequest = { JobHCL: "text", Variables: "text", Canonicalize: "flag" } as const;

/** The JSON of a job file. The language is loaded when the first one comes: starting stays quick. */
async function parse(call: Call): Promise<Json> {
  const { JobHCL: text, Variables: variables, Canonicalize: isCanonical } = bodyOf(call, parseRequest);
  if (!text) throw new Fault(400, "Job spec is empty");
  const { parseJob } = await import("@fractus/hcl/job/parse-job.ts");
  const source = { name: "job.hcl", text };
  const { job, diagnostics } = parseJob(text, {
    fileName: source.name,
    capabilities: call.door.capabilities,
    ...(variables && { variableFiles: [{ name: "variables.hcl", text: variables }] }),
  });
  if (!job || hasErrors(diagnostics)) {
    const errors = diagnostics.filter((one) => one.severity === "error");
    throw new Fault(400, errors.map((one) => renderDiagnostic(source, one)).join("\n\n"));
  }
  return isCanonical ? canonicalizeJob(job) : job;
}

function validate(call: Call): Json {
  const { job, findings } = checkedJob(call);
  const named = job.Namespace;
  call.require(typeof named === "string" && named !== "" ? named : call.namespace);
  const errors = findings.filter((one) => one.severity === "error");
  return {
    DriverConfigValidated: true,
    ValidationErrors: errors.length > 0 ? errors.map(sentenceOf) : null,
    Error: listText(findings, "error"),
    Warnings: listText(findings, "warning"),
  };
}

function rebalance(call: Call): Json {
  const { Plan: isPlan } = bodyOf(call, { Plan: "flag" });
  if (!isPlan) throw new Fault(400, 'Moves are only told, not made: send {"Plan": true}.');
  const moves = movesThatHelp(call.control, (project) => call.lists(project));
  const nameOf = (id: string) => call.state.nodes.get(id)?.name ?? id;
  return {
    Moves: moves.map(({ allocation, toNodeId, gain }) => ({
      AllocID: allocation.id,
      Name: allocation.name,
      From: nameOf(allocation.nodeId),
      To: nameOf(toNodeId),
      Gain: gain,
    })),
  };
}
