/** Figures about the whole cloud, as JSON or in the text format of Prometheus. After https://developer.hashicorp.com/nomad/api-docs/metrics. */
import { isTerminal } from "@fractus/core/allocation.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { State } from "@fractus/control/state/state.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { ask, type Route } from "../route.ts";
import { megabytes } from "../units.ts";

export const metricsRoutes: readonly Route[] = [ask("/metrics", metrics)];

interface Gauge {
  /** Such as `nomad.nomad.job_status.running`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function metrics(call: Call): unknown {
  const gauges = gaugesOf(call);
  const format = call.query("format") ?? "";
  if (format === "prometheus")
    return call.reply.type("text/plain; version=0.0.4; charset=utf-8").send(prometheusText(gauges));
  if (format !== "") throw new Fault(400, "format is prometheus, or nothing for JSON");
  const Timestamp = new Date(call.clock.nowMs()).toISOString().replace("T", " ").replace("Z", " +0000 UTC");
  return {
    Timestamp,
    Gauges: gauges.map(({ name, labels, value }) => ({ Name: name, Labels: labels, Value: value })),
    Counters: [],
    Points: [],
    Samples: [],
  } satisfies Json;
}

/** Figures of jobs and nodes only for those who may read these. */
function gaugesOf({ state, acl }: Call): Gauge[] {
  const plain = (name: string, value: number): Gauge => ({ name, labels: {}, value });
  const memory = process.memoryUsage();
  return [
    ...counted(
      "nomad.nomad.job_status",
      ["pending", "running", "dead"],
      [...state.jobs.values()].map(({ job }) => job.status),
    ),
    ...counted(
      "nomad.nomad.evaluations",
      ["pending", "blocked", "complete", "failed", "canceled"],
      [...state.evaluations.values()].map((one) => one.status),
    ),
    plain("nomad.nomad.broker.total_pending", state.evaluations.idsBy("status", "pending").size),
    plain("nomad.nomad.blocked_evals.total_blocked", state.evaluations.idsBy("status", "blocked").size),
    plain("nomad.nomad.state.latest_index", state.index),
    ...counted(
      "nomad.nomad.allocations",
      ["pending", "running", "complete", "failed", "lost", "unknown"],
      [...state.allocations.values()].map((one) => one.status),
    ),
    ...summaryGauges(state).filter(({ labels }) => acl.allows(labels.namespace, "read-job")),
    ...(acl.allowsAt("node", "read") ? nodeGauges(state) : []),
    plain("nomad.runtime.alloc_bytes", memory.heapUsed),
    plain("nomad.runtime.sys_bytes", memory.rss),
  ];
}

/** One gauge for each of the words, also for those that nothing is. */
function counted(name: string, words: readonly string[], found: readonly string[]): Gauge[] {
  const counts = new Map(words.map((word) => [word, 0]));
  for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, value]) => ({ name: `${name}.${word}`, labels: {}, value }));
}

function summaryGauges(state: State): Gauge[] {
  return [...state.summaries.values()].flatMap(({ project, jobId, groups }) =>
    Object.entries(groups).flatMap(([task_group, counts]) =>
      Object.entries(counts).map(([word, value]) => ({
        name: `nomad.nomad.job_summary.${word}`,
        labels: { namespace: project, job: jobId, task_group },
        value: Number(value),
      })),
    ),
  );
}

function nodeGauges(state: State): Gauge[] {
  return [...state.nodes.values()].flatMap((node) => {
    const live = state.allocations.by("liveOnNode", node.id).filter((one) => !isTerminal(one));
    const cpu = live.reduce((sum, one) => sum + one.grant.cpuMhz, 0);
    const memory = megabytes(live.reduce((sum, one) => sum + one.grant.memoryBytes, 0));
    const disk = megabytes(live.reduce((sum, one) => sum + one.grant.diskBytes, 0));
    const { capacity, reserved } = node;
    const labels = {
      node_id: node.id,
      node_name: node.name,
      datacenter: node.zone,
      node_class: node.class || "none",
      node_pool: node.pool,
      node_status: node.status,
      node_scheduling_eligibility: node.isEligible ? "eligible" : "ineligible",
    };
    const figures = {
      "nomad.client.allocated.cpu": cpu,
      "nomad.client.allocated.memory": memory,
      "nomad.client.allocated.disk": disk,
      "nomad.client.unallocated.cpu": capacity.cpuMhz - reserved.cpuMhz - cpu,
      "nomad.client.unallocated.memory": megabytes(capacity.memoryBytes - reserved.memoryBytes) - memory,
      "nomad.client.unallocated.disk": megabytes(capacity.diskBytes - reserved.diskBytes) - disk,
      "nomad.client.allocations.running": live.filter((one) => one.status === "running").length,
    };
    return Object.entries(figures).map(([name, value]) => ({ name, labels, value }));
  });
}

/** After https://prometheus.io/docs/instrumenting/exposition_formats. */
function prometheusText(gauges: readonly Gauge[]): string {
  const lines: string[] = [];
  let previous = "";
  for (const { name, labels, value } of gauges.toSorted((a, b) =>
    a.name < b.name ? -1 : Number(a.name > b.name),
  )) {
    const metric = name.replaceAll(/[^A-Za-z0-9_]/g, "_");
    if (metric !== previous) lines.push(`# TYPE ${metric} gauge`);
    previous = metric;
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    lines.push(`${metric}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
