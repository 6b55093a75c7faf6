/** The cloud: store, control, the nodes of this machine, doors and front doors, put together by plain calls. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { startAgent } from "@fractus/agent/parts.ts";
import type { Agent } from "@fractus/agent/agent.ts";
import { defaultArtifactLimits } from "@fractus/agent/artifacts/limits.ts";
import { describeMachine } from "@fractus/agent/node/machine.ts";
import { startControl, type Control } from "@fractus/control/control.ts";
import { setNodeStatus } from "@fractus/control/commands/nodes.ts";
import { jobId, tableNames } from "@fractus/control/state/state.ts";
import { systemClock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { HostVolume } from "@fractus/core/node.ts";
import type { Driver } from "@fractus/drivers/driver.ts";
import { dockerDriver } from "@fractus/drivers/docker/docker.ts";
import { execDriver } from "@fractus/drivers/exec.ts";
import { javaDriver } from "@fractus/drivers/java.ts";
import { rawExecDriver } from "@fractus/drivers/raw-exec.ts";
import { startDns, type DnsServer } from "@fractus/ingress/dns.ts";
import { startIngress, type Ingress } from "@fractus/ingress/ingress.ts";
import { openStore } from "@fractus/store/open-store.ts";
import { environment } from "./config/config.ts";
import type { Settings } from "./config/settings.ts";
import { startDoors } from "./doors.ts";
import { freePort, reachable } from "./free-port.ts";
import { identityOf } from "./join/certificate.ts";
import { listenForAgents, type JoinServer } from "./join/listen.ts";
import { followServices } from "./follow-services.ts";
import { listenedTo } from "./log-feed.ts";
import type { Log } from "./log-file.ts";
import { localNodes } from "./local-nodes.ts";

export interface Cloud {
  readonly control: Control;
  readonly agents: readonly Agent[];
  readonly ingress: Ingress;
  readonly address: string;
  readonly joinAddress?: string;
  readonly dnsPort?: number;
  /** Lets go of everything that runs: the next start adopts it. */
  leave(): Promise<void>;
  /** Ends everything that runs, in an orderly way; what is wanted stays wanted, and runs again after the next start. */
  down(): Promise<void>;
}

const systemDice: Dice = { roll: () => Math.random() };

/** @param volumes host volumes beside those of the settings */
export async function startCloud(
  settings: Settings,
  means: {
    readonly log: Log;
    readonly warn: (line: string) => void;
    readonly volumes: Readonly<Record<string, HostVolume>>;
  },
): Promise<Cloud> {
  const { warn } = means;
  const { log, logFeed } = listenedTo(means.log);
  const store = await openStore(
    settings.store ?? `sqlite:${join(settings.dataDirectory, "control.db")}`,
    tableNames,
  );
  const control = await startControl({
    store,
    clock: systemClock,
    dice: systemDice,
    newSecret: () => randomUUID(),
    log,
  });
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const httpPort = await freePort(
      { host: settings.host, wanted: settings.httpPort, purpose: "the cloud" },
      warn,
    );
    const [ingress, doorway, dns, joining, agents] = await Promise.all([
      startIngress({ address: settings.host, log }),
      startDoors({ settings, control, port: httpPort, log, logFeed }),
      startNames(settings, control, { log, warn }),
      startJoining(settings, control, warn),
      startAgents(settings, control, { log, volumes: means.volumes }),
    ]);
    const stopFollowing = followServices(control, ingress, warn);
    doorway.show({ ingress, agents });
    closing.push(
      async () => stopFollowing(),
      () => ingress.close(),
      () => doorway.close(),
      async () => dns?.close(),
      async () => joining?.close(),
    );
    const end = async (ofAgents: () => Promise<unknown>) => {
      await Promise.all(closing.map((close) => close()));
      await ofAgents();
      await control.close();
      await store.close();
    };
    return {
      control,
      agents,
      ingress,
      address: `http://${reachable(settings.host)}:${httpPort}`,
      ...(joining && { joinAddress: `https://${reachable(settings.host)}:${joining.port}` }),
      ...(dns && { dnsPort: dns.port }),
      leave: () => end(() => Promise.all(agents.map((agent) => agent.close()))),
      down: () => end(() => stopNodes(control, agents)),
    };
  } catch (error) {
    await Promise.allSettled(closing.map((close) => close()));
    await control.close();
    await store.close();
    throw error;
  }
}

/** The loops rest first, so that nothing is put in the place of what ends; then the nodes say that they are gone. */
async function stopNodes(control: Control, agents: readonly Agent[]): Promise<void> {
  await control.close();
  await Promise.all(agents.map((agent) => agent.destroy()));
  for (const { nodeId } of agents) {
    await setNodeStatus(control, {
      nodeId,
      status: "down",
      reason: "the cloud was stopped",
      message: "Node stopped with the cloud",
    });
  }
}

async function startAgents(
  settings: Settings,
  control: Control,
  { log, volumes }: { readonly log: Log; readonly volumes: Readonly<Record<string, HostVolume>> },
): Promise<Agent[]> {
  const { cores, mhzPerCore, memoryBytes, diskBytes } = describeMachine(settings.dataDirectory);
  const machine = { cpuMhz: cores * mhzPerCore, cores, memoryBytes, diskBytes };
  return Promise.all(
    localNodes(settings, machine, volumes).map(async ({ settings: node, directory }) => {
      const agent = await startAgent({
        directory,
        link: control.link,
        drivers: machineDrivers(settings.dataDirectory, log),
        node,
        clock: systemClock,
        dice: systemDice,
        log: (line, fields) => log(line, { node: node.name, ...fields }),
        artifacts: artifactPolicy(settings.localArtifacts),
        hostEnvironment: environment,
      });
      control.attachAgent(agent.nodeId, agent);
      return agent;
    }),
  );
}

/** What this machine can run tasks with. Each agent has its own; images are shared by the agents of a data directory. */
export function machineDrivers(dataDirectory: string, log: Log): Driver[] {
  const report = (words: string) => log(words);
  const exec = execDriver({ report });
  const isRoot = process.getuid?.() === 0;
  const docker = dockerDriver({ directory: join(dataDirectory, "images-oci"), report });
  return [rawExecDriver({ report }), exec, javaDriver(isRoot ? exec : rawExecDriver({ report })), docker];
}

export function artifactPolicy(allowsLocalSources: boolean) {
  return { allowsLocalSources, limits: defaultArtifactLimits };
}

/** Names are a convenience: a port that is taken is a warning. */
async function startNames(
  settings: Settings,
  control: Control,
  { log, warn }: { readonly log: Log; readonly warn: (line: string) => void },
): Promise<DnsServer | undefined> {
  try {
    const port = await freePort({ host: "127.0.0.1", wanted: settings.dnsPort, purpose: "DNS" }, warn);
    return await startDns({
      address: "127.0.0.1",
      port,
      log,
      dice: systemDice,
      lookup: (name, project = "default") => {
        const known = control.state.services.by("name", jobId(project, name));
        return known.length === 0 ? undefined : known.filter((one) => one.isHealthy);
      },
    });
  } catch (error) {
    warn(`Names of services are not answered: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function startJoining(
  settings: Settings,
  control: Control,
  warn: (line: string) => void,
): Promise<JoinServer | undefined> {
  if (settings.joinPort === undefined) return undefined;
  const port = await freePort(
    { host: settings.host, wanted: settings.joinPort, purpose: "joining agents" },
    warn,
  );
  const identity = await identityOf(settings.dataDirectory);
  return listenForAgents({
    host: settings.host,
    port,
    identity,
    link: control.link,
    attachAgent: (nodeId, agent) => control.attachAgent(nodeId, agent),
  });
}
