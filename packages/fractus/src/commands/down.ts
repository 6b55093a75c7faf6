/** `fractus down`: ends the cloud of a data directory, and everything that runs on it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { startAgent } from "@fractus/agent/parts.ts";
import type { ControlLink } from "@fractus/agent/control-link.ts";
import { defaultNodeSettings } from "@fractus/agent/node/settings.ts";
import { systemClock } from "@fractus/core/clock.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { artifactPolicy, machineDrivers } from "../cloud.ts";
import { environment, readSettings } from "../config/config.ts";
import { runningIn, takeDataDirectory } from "../data-directory.ts";
import { isAlive } from "../process-table.ts";

const patienceMs = 60_000;

/**
 * Ends the cloud. If it was killed before and left tasks running, those are ended now.
 *
 * With `--leave-tasks` only the cloud ends; the next `fractus up` adopts its tasks.
 */
export async function down(argv: readonly string[], say: (line: string) => void): Promise<number> {
  const leavesTasks = argv.includes("--leave-tasks");
  const { dataDirectory } = readSettings(argv.filter((word) => word !== "--leave-tasks"));
  const running = runningIn(dataDirectory);
  if (running) {
    process.kill(running.process.pid, leavesTasks ? "SIGUSR2" : "SIGTERM");
    const until = Date.now() + patienceMs;
    while (isAlive(running.process)) {
      if (Date.now() > until)
        throw new Refusal(
          "unavailable",
          `Process ${running.process.pid} has not ended after ${patienceMs / 1000} s.`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    say(leavesTasks ? "The cloud has stopped; its tasks run on." : "Everything has stopped.");
    return 0;
  }
  const left = leavesTasks ? 0 : await endWhatIsLeft(dataDirectory);
  say(
    left > 0
      ? `The cloud did not run; what it had left running on ${left} ${left === 1 ? "node" : "nodes"} has been ended.`
      : "Nothing runs here.",
  );
  return 0;
}

/** Agents that have lost their control adopt what runs, and end it. */
async function endWhatIsLeft(dataDirectory: string): Promise<number> {
  const directory = join(dataDirectory, "nodes");
  if (!existsSync(directory)) return 0;
  const hold = takeDataDirectory(dataDirectory);
  try {
    const names = readdirSync(directory);
    for (const name of names) {
      const agent = await startAgent({
        directory: join(directory, name),
        link: noControl,
        drivers: machineDrivers(dataDirectory, () => {}),
        node: defaultNodeSettings(name),
        clock: systemClock,
        dice: { roll: () => Math.random() },
        log: () => {},
        artifacts: artifactPolicy(false),
        hostEnvironment: environment,
      });
      await agent.destroy();
    }
    return names.length;
  } finally {
    hold.release();
  }
}

const away = () => Promise.reject(new Refusal("unavailable", "There is no control."));

const noControl: ControlLink = {
  register: away,
  heartbeat: away,
  assignments: away,
  report: away,
  setServices: away,
  services: away,
  variable: away,
  variablePaths: away,
  changed: away,
};
