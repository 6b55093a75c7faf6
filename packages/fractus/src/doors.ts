/** One listener for everything that is spoken over HTTP, by path: the API under `/v1`, the dashboard at `/`. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Agent } from "@fractus/agent/agent.ts";
import type { Control } from "@fractus/control/control.ts";
import type { Ingress } from "@fractus/ingress/ingress.ts";
import { nomadDoor } from "@fractus/nomad/door.ts";
import type { LogFeed } from "@fractus/nomad/log-feed.ts";
import { fastify } from "fastify";
import type { Settings } from "./config/settings.ts";
import type { Log } from "./log-file.ts";
import { serverCapabilities } from "./server-capabilities.ts";
import { serveDashboard } from "./dashboard-files.ts";
import { reachable } from "./free-port.ts";
import { version } from "./version.ts";

export interface Doors {
  /** Says what there is to show, once it is there. */
  show(parts: Shown): void;
  close(): Promise<void>;
}

interface Shown {
  readonly ingress: Ingress;
  readonly agents: readonly Agent[];
}

const dashboard = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));

/** Job files of a few megabytes have room. */
const bodyLimit = 32 * 1024 * 1024;

export async function startDoors(options: {
  readonly settings: Settings;
  readonly control: Control;
  readonly port: number;
  readonly log: Log;
  readonly logFeed: LogFeed;
}): Promise<Doors> {
  const { settings, control, port, log, logFeed } = options;
  const startedAt = new Date();
  let shown: Shown | undefined;
  const app = fastify({ bodyLimit, forceCloseConnections: true, routerOptions: { maxParamLength: 1024 } });
  await app.register(
    nomadDoor({
      control,
      name: settings.name ?? "fractus",
      version,
      region: "global",
      zone: settings.zone,
      address: { host: settings.host, port },
      capabilities: serverCapabilities,
      acl: { isRequired: settings.acl },
      log,
      logFeed,
      cloud: {
        status: () => ({
          Version: version,
          DataDirectory: settings.dataDirectory,
          StartedAt: startedAt.toISOString(),
          Addresses: [
            { name: "cloud", url: `http://${reachable(settings.host)}:${port}` },
            ...(shown?.ingress.addresses() ?? []),
          ].map(({ name, url }) => ({ Name: name, Url: url })),
          Nodes: control.state.nodes.size,
          Jobs: control.state.jobs.size,
          Allocations: control.state.allocations.size,
        }),
        doors: () => (shown ? frontDoors(shown.ingress) : []),
      },
    }),
    { prefix: "/v1" },
  );
  if (existsSync(dashboard)) serveDashboard(app, dashboard);
  await app.listen({ host: settings.host, port });
  return {
    show: (parts) => void (shown = parts),
    close: () => app.close(),
  };
}

/** Each front door with its address, and who stands behind it. */
function frontDoors(ingress: Ingress) {
  const addresses = ingress.addresses();
  return ingress.stats().map(({ name, place, backends, requests, failures, open, waiting }) => ({
    Name: name,
    Url:
      addresses.find((one) => one.name === name && one.url.includes(place))?.url ??
      addresses.find((one) => one.name === name)?.url ??
      "",
    Requests: requests,
    Failures: failures,
    Open: open,
    Waiting: waiting,
    Backends: backends.map(({ id, address, port, isHealthy }) => ({
      ID: id,
      Address: address,
      Port: port,
      Healthy: isHealthy,
    })),
  }));
}
