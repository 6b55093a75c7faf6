/** `fractus agent --join URL --token T`: this machine becomes a node of a cloud that runs elsewhere. */
import { join } from "node:path";
import { startAgent } from "@fractus/agent/parts.ts";
import type { Agent } from "@fractus/agent/agent.ts";
import { describeMachine } from "@fractus/agent/node/machine.ts";
import { systemClock } from "@fractus/core/clock.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { artifactPolicy, machineDrivers } from "../cloud.ts";
import { environment, readSettings, settingsHelp } from "../config/config.ts";
import { takeDataDirectory } from "../data-directory.ts";
import { connectToControl } from "../join/connect.ts";
import { localNodes } from "../local-nodes.ts";
import { logTo } from "../log-file.ts";

const help = `usage: fractus agent --join https://HOST:PORT --token TOKEN [settings]

Lets this machine join a cloud, until Ctrl-C; its tasks run on then, and are adopted by the next agent. With --end
they are ended, and the node's data is removed.

${settingsHelp()}
`;

/** Resolves with the exit code when the agent has stopped. */
export async function agent(
  argv: readonly string[],
  terminal: { say(line: string): void; warn(line: string): void },
): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    terminal.say(help.trimEnd());
    return 0;
  }
  const { url, token, ends, rest } = readJoin(argv);
  const settings = readSettings(rest);
  const hold = takeDataDirectory(settings.dataDirectory);
  const { log, flush } = logTo(join(settings.dataDirectory, "log", "agent.log"));
  const agents = new Map<string, Agent>();
  const agentOf = (nodeId: string): Agent => {
    const found = agents.get(nodeId);
    if (!found) throw new Refusal("not-found", `There is no node ${nodeId} on this machine.`);
    return found;
  };
  const connection = connectToControl({
    url,
    token,
    agentOf,
    log: (line) => (terminal.warn(line), log(line)),
  });
  try {
    const { cores, mhzPerCore, memoryBytes, diskBytes } = describeMachine(settings.dataDirectory);
    const machine = { cpuMhz: cores * mhzPerCore, cores, memoryBytes, diskBytes };
    for (const { settings: node, directory } of localNodes(settings, machine, {})) {
      const one = await startAgent({
        directory,
        link: connection.link,
        drivers: machineDrivers(settings.dataDirectory, log),
        node,
        clock: systemClock,
        dice: { roll: () => Math.random() },
        log: (line, fields) => log(line, { node: node.name, ...fields }),
        artifacts: artifactPolicy(settings.localArtifacts),
        hostEnvironment: environment,
      });
      agents.set(one.nodeId, one);
      terminal.say(`Node ${node.name} (${one.nodeId}) joins ${url}.`);
    }
    await untilStopped();
    for (const one of agents.values()) await (ends ? one.destroy() : one.close());
  } finally {
    connection.close();
    hold.release();
    await flush();
  }
  return 0;
}

function readJoin(argv: readonly string[]): { url: string; token: string; ends: boolean; rest: string[] } {
  const rest = [...argv];
  const take = (flag: string): string | undefined => {
    const at = rest.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    if (at < 0) return undefined;
    const [word] = rest.splice(at, 1);
    return word.includes("=") ? word.slice(flag.length + 1) : rest.splice(at, 1)[0];
  };
  const [url, token] = [take("--join"), take("--token") ?? environment.FRACTUS_TOKEN];
  const ends = rest.includes("--end");
  if (!url)
    throw new Refusal(
      "invalid",
      "fractus agent needs --join https://HOST:PORT, the address that the cloud prints with --join-port.",
    );
  if (!token)
    throw new Refusal(
      "invalid",
      "fractus agent needs --token TOKEN: `fractus token` on the cloud's machine prints it.",
    );
  return { url, token, ends, rest: rest.filter((word) => word !== "--end") };
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
