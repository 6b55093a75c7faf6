/** Rules for restart, reschedule, disconnect, update, migrate and scaling. */
import { formatDuration } from "../duration.ts";
import { isJsonObject } from "../json.ts";
import { seconds, type JobType } from "../schema/block.ts";
import { number, partOf, text, type Findings, type Part } from "./findings.ts";

/** The policies of one group. */
export function checkPolicies(group: Part, type: JobType, findings: Findings): void {
  const restart = partOf(group, "RestartPolicy");
  if (restart) checkRestart(restart, findings);
  const reschedule = partOf(group, "ReschedulePolicy");
  if (reschedule) checkReschedule(reschedule, type, findings);
  const disconnect = partOf(group, "Disconnect");
  if (disconnect) checkDisconnect(disconnect, findings);
  const update = partOf(group, "Update");
  if (update) checkUpdate(update, group, type, findings);
  const migrate = partOf(group, "Migrate");
  if (migrate) checkMigrate(migrate, type, findings);
  const scaling = partOf(group, "Scaling");
  if (scaling) checkScaling(scaling, group, findings);
}

export function checkRestart({ given, full }: Part, findings: Findings): void {
  const attempts = number(full.Attempts);
  const interval = number(full.Interval);
  if (attempts < 0)
    findings.error(given, "Attempts", "Negative attempts", "attempts may not be less than 0.");
  if (attempts === 0 && full.Mode === "delay") {
    findings.error(
      given,
      "Mode",
      "Contradiction",
      "With mode delay but no attempts there would never be a restart to delay.",
    );
  }
  if (attempts > 0 && interval < seconds(5)) {
    findings.error(
      given,
      "Interval",
      "Interval too short",
      `interval must be at least 5s, but it is ${formatDuration(interval)}.`,
    );
  } else if (attempts * number(full.Delay) > interval) {
    const detail = `${attempts} restarts with a delay of ${formatDuration(number(full.Delay))} each do not fit into an interval of ${formatDuration(interval)}.`;
    findings.error(given, "Attempts", "Interval too short", detail);
  }
}

function checkReschedule({ given, full }: Part, type: JobType, findings: Findings): void {
  if (type === "system" || type === "sysbatch") {
    const detail = `Jobs of type ${type} run on every node, so there is no other node to replace an allocation on.`;
    findings.error(given, undefined, "No reschedule here", detail);
    return;
  }
  const attempts = number(full.Attempts);
  const delay = number(full.Delay);
  if (full.Unlimited === true && attempts > 0) {
    findings.error(
      given,
      "Attempts",
      "Contradiction",
      "There may be attempts or unlimited = true; with attempts, say unlimited = false.",
    );
  }
  if (full.Unlimited !== true && attempts === 0) return;
  if (delay < seconds(5)) {
    findings.error(
      given,
      "Delay",
      "Delay too short",
      `delay must be at least 5s, but it is ${formatDuration(delay)}.`,
    );
  }
  if (full.DelayFunction !== "constant" && number(full.MaxDelay) < delay) {
    const detail = `max_delay must not be less than delay, ${formatDuration(delay)}, but it is ${formatDuration(number(full.MaxDelay))}.`;
    findings.error(given, "MaxDelay", "Delays contradict", detail);
  }
  if (full.Unlimited !== true) checkRescheduleInterval({ given, full }, attempts, findings);
}

/** All attempts have to fit into the interval, or it would never be used up. */
function checkRescheduleInterval({ given, full }: Part, attempts: number, findings: Findings): void {
  const interval = number(full.Interval);
  if (interval < seconds(15)) {
    findings.error(
      given,
      "Interval",
      "Interval too short",
      `With attempts, interval must be at least 15s, but it is ${formatDuration(interval)}.`,
    );
    return;
  }
  const needed = timeFor(
    Math.min(attempts, 10_000),
    text(full.DelayFunction),
    number(full.Delay),
    number(full.MaxDelay),
  );
  if (needed > interval) {
    const detail = `${attempts} attempts take at least ${formatDuration(needed)} with these delays, but interval is ${formatDuration(interval)}.`;
    findings.error(given, "Interval", "Interval too short", detail);
  }
}

function timeFor(attempts: number, delayFunction: string, delay: number, mostDelay: number): number {
  let total = 0;
  let current = delay;
  let previous = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    total += current;
    const next =
      delayFunction === "constant"
        ? delay
        : delayFunction === "fibonacci"
          ? current + (previous || delay)
          : current * 2;
    previous = current;
    current = delayFunction === "constant" ? delay : Math.min(next, mostDelay);
  }
  return total;
}

function checkDisconnect({ given, full }: Part, findings: Findings): void {
  for (const [field, name] of [
    ["LostAfter", "lost_after"],
    ["StopOnClientAfter", "stop_on_client_after"],
  ] as const) {
    if (number(full[field]) < 0)
      findings.error(given, field, "Negative duration", `${name} may not be negative.`);
  }
  if (number(full.LostAfter) > 0 && number(full.StopOnClientAfter) > 0) {
    const detail =
      "There may be lost_after or stop_on_client_after: an allocation that the node stops cannot come back.";
    findings.error(given, "StopOnClientAfter", "Contradiction", detail);
  }
}

function checkUpdate(update: Part, group: Part, type: JobType, findings: Findings): void {
  const { given, full } = update;
  if (type === "batch" || type === "sysbatch") {
    findings.error(given, undefined, "No update here", `Jobs of type ${type} are not updated step by step.`);
    return;
  }
  const canary = number(full.Canary);
  if (canary < 0) findings.error(given, "Canary", "Negative count", "canary may not be less than 0.");
  if (type === "system" && canary > 100) {
    findings.error(
      given,
      "Canary",
      "Too many canaries",
      "In a system job canary is a share of the nodes, at most 100 percent.",
    );
  }
  if (full.AutoPromote === true && canary === 0) {
    findings.error(
      given,
      "AutoPromote",
      "Nothing to promote",
      "auto_promote needs canary to be more than 0.",
    );
  }
  const parallel = number(full.MaxParallel);
  if (parallel < 0)
    findings.error(given, "MaxParallel", "Negative count", "max_parallel may not be less than 0.");
  if (parallel > 0) checkDeadlines(update, group, findings);
}

/** min_healthy_time < healthy_deadline < progress_deadline, and killing takes no longer than that. */
function checkDeadlines({ given, full }: Part, group: Part, findings: Findings): void {
  const progress = number(full.ProgressDeadline);
  checkHealthyTimes({ given, full }, findings);
  if (progress < 0)
    findings.error(given, "ProgressDeadline", "Negative duration", "progress_deadline may not be negative.");
  if (number(full.Stagger) <= 0)
    findings.error(given, "Stagger", "Duration too short", "stagger must be more than 0.");
  if (progress > 0 && number(full.HealthyDeadline) >= progress) {
    const detail = `healthy_deadline, ${formatDuration(number(full.HealthyDeadline))}, must be less than progress_deadline, ${formatDuration(progress)}.`;
    findings.error(given, "HealthyDeadline", "Deadlines contradict", detail);
  }
  const tasks = Array.isArray(group.full.Tasks) ? group.full.Tasks : [];
  for (const task of tasks) {
    if (!isJsonObject(task) || progress <= 0 || number(task.KillTimeout) <= progress) continue;
    const detail = `The task ${text(task.Name)} may take ${formatDuration(number(task.KillTimeout))} to end, longer than the progress_deadline of ${formatDuration(progress)}.`;
    findings.error(given, "ProgressDeadline", "Deadlines contradict", detail);
  }
}

function checkHealthyTimes({ given, full }: Part, findings: Findings): void {
  const least = number(full.MinHealthyTime);
  const deadline = number(full.HealthyDeadline);
  if (least < 0)
    findings.error(given, "MinHealthyTime", "Negative duration", "min_healthy_time may not be negative.");
  if (deadline <= 0)
    findings.error(given, "HealthyDeadline", "Duration too short", "healthy_deadline must be more than 0.");
  else if (least >= deadline) {
    const detail = `min_healthy_time, ${formatDuration(least)}, must be less than healthy_deadline, ${formatDuration(deadline)}.`;
    findings.error(given, "MinHealthyTime", "Deadlines contradict", detail);
  }
}

function checkMigrate(migrate: Part, type: JobType, findings: Findings): void {
  const { given, full } = migrate;
  if (type !== "service") {
    findings.error(
      given,
      undefined,
      "No migrate here",
      `Only service jobs migrate; this job is of type ${type}.`,
    );
    return;
  }
  if (number(full.MaxParallel) < 0)
    findings.error(given, "MaxParallel", "Negative count", "max_parallel may not be less than 0.");
  checkHealthyTimes(migrate, findings);
}

function checkScaling({ given, full }: Part, group: Part, findings: Findings): void {
  const least = number(full.Min);
  const most = number(full.Max);
  const count = number(group.full.Count);
  if (least < 0) findings.error(given, "Min", "Negative count", "min may not be less than 0.");
  if (full.Max !== null && least > most)
    findings.error(given, "Max", "Bounds contradict", `max, ${most}, is less than min, ${least}.`);
  else if (full.Max !== null && (count < least || count > most)) {
    findings.error(
      group.given,
      "Count",
      "Count out of bounds",
      `count is ${count}, but scaling allows ${least} to ${most}.`,
    );
  }
}
