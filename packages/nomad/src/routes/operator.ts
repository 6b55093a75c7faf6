/** What concerns the whole cloud. After https://developer.hashicorp.com/nomad/api-docs/operator and …/system. */
import { Refusal } from "@fractus/core/refusal.ts";
import { collectEverything, setSchedulerSettings } from "@fractus/control/commands/operator.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { settingsOf } from "@fractus/control/state/state.ts";
import { meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { bodyOf } from "../fields.ts";
import { listed } from "../listing.ts";
import { reconcileSummaries } from "../reconcile-summaries.ts";
import { ask, read, type Route, write } from "../route.ts";
import { policyId, policyStubShape, scaledGroups, scalingPolicyShape } from "../scaling-policy.ts";
import { schedulerShape, settingsFields, settingsFromApi } from "../shape/nouns.ts";
import { restoreSnapshot, snapshotOf } from "../snapshot.ts";

const mebibyte = 1024 * 1024;

export const operatorRoutes: readonly Route[] = [
  read("/operator/scheduler/configuration", ({ state }) => state.settings.modifiedIndex, settings),
  write("/operator/scheduler/configuration", changeSettings),
  ask("/operator/snapshot", save),
  { ...write("/operator/snapshot", restore), bodyLimit: 1024 * mebibyte },
  write("/system/gc", async (call) => {
    await collectEverything(call.control);
    return meta(call.state.index);
  }),
  write("/system/reconcile/summaries", async (call) => meta(await reconcileSummaries(call.control))),
  read("/scaling/policies", ({ state }) => state.jobs.modifiedIndex, listPolicies),
  read("/scaling/policy/:id", ({ state }) => state.jobs.modifiedIndex, showPolicy),
];

function settings({ state }: Call): Json {
  return { SchedulerConfig: schedulerShape(state), ...meta(state.settings.modifiedIndex) };
}

async function changeSettings(call: Call): Promise<Json> {
  const json = bodyOf(call, settingsFields);
  const algorithm = json.SchedulerAlgorithm;
  if (algorithm !== undefined && algorithm !== "" && algorithm !== "binpack" && algorithm !== "spread")
    throw new Fault(400, `invalid scheduler algorithm ${JSON.stringify(algorithm)}: use binpack or spread`);
  const checkIndex = call.number("cas");
  const { isUpdated, index } = await setSchedulerSettings(call.control, {
    settings: settingsFromApi(json, settingsOf(call.state)),
    ...(checkIndex !== undefined && { checkIndex }),
  });
  return { Updated: isUpdated, ...meta(index) };
}

function save(call: Call): unknown {
  void call.reply.header("Content-Disposition", 'attachment; filename="fractus-snapshot.jsonl.gz"');
  return call.reply.type("application/gzip").send(snapshotOf(call.state));
}

async function restore(call: Call): Promise<Json> {
  return meta(await restoreSnapshot(call.control, call.bytes()));
}

function scaledIn(call: Call) {
  return [...call.state.jobs.values()].flatMap((record) =>
    scaledGroups(record).map((group) => ({ record, group, id: policyId(record, group) })),
  );
}

function listPolicies(call: Call): Json[] {
  const job = call.query("job");
  return listed(call, {
    rows: scaledIn(call).filter(
      ({ record }) => call.lists(record.job.project) && (!job || record.job.id === job),
    ),
    idOf: ({ id }) => id,
    shape: ({ record, group }) => policyStubShape(call.state, record, group),
  });
}

function showPolicy(call: Call): Json {
  const found = scaledIn(call).find(({ id }) => id === call.path("id"));
  if (!found || !call.sees(found.record.job.project))
    throw new Refusal("not-found", `scaling policy not found: ${call.path("id")}`);
  return scalingPolicyShape(call.state, found.record, found.group);
}
