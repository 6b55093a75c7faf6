/** The server itself. After https://developer.hashicorp.com/nomad/api-docs/agent and …/status. */
import { arch, hostname, platform, release, uptime } from "node:os";
import type { Json } from "@fractus/control/state/records.ts";
import { isAclEnforced } from "@fractus/control/acl/tokens.ts";
import type { Call } from "../call.ts";
import type { DoorOptions } from "../door-options.ts";
import { Fault } from "../fault.ts";
import { logLevels, type LogLevel } from "../log-feed.ts";
import { ask, type Route } from "../route.ts";
import { answerStream, withBeat } from "../streaming.ts";
import { Queue } from "../queue.ts";

export const agentRoutes: readonly Route[] = [
  ask("/agent/self", self),
  ask("/agent/members", ({ door }) => ({
    ServerName: door.name,
    ServerRegion: door.region,
    ServerDC: door.zone,
    Members: [member(door)],
  })),
  ask("/agent/servers", ({ door }) => [serverAddress(door)]),
  ask("/agent/health", health),
  ask("/agent/host", host),
  ask("/agent/monitor", monitor),
  ask("/agent/schedulers", ({ door }) => ({
    server_id: door.name,
    schedulers: ["batch", "service", "sysbatch", "system"],
    num_schedulers: 1,
  })),
  ask("/status/leader", ({ door }) => serverAddress(door)),
  ask("/status/peers", ({ door }) => [serverAddress(door)]),
  ask("/regions", ({ door }) => [door.region]),
];

/** Nomad's servers speak to each other one port above that of HTTP; clients print it, and do not connect. */
function serverAddress({ address }: DoorOptions): string {
  return `${address.host}:${address.port + 1}`;
}

function member(door: DoorOptions): Json {
  return {
    Name: `${door.name}.${door.region}`,
    Addr: door.address.host,
    Port: door.address.port + 2,
    Tags: {
      role: "nomad",
      region: door.region,
      dc: door.zone,
      build: door.version,
      port: String(door.address.port + 1),
      vsn: "1",
      expect: "1",
      bootstrap: "1",
      id: door.name,
    },
    Status: "alive",
    ProtocolMin: 1,
    ProtocolMax: 5,
    ProtocolCur: 2,
    DelegateMin: 2,
    DelegateMax: 5,
    DelegateCur: 4,
  };
}

function self({ door, state }: Call): Json {
  const { host: bind, port } = door.address;
  const config = {
    Region: door.region,
    Datacenter: door.zone,
    NodeName: door.name,
    BindAddr: bind,
    Ports: { HTTP: port, RPC: port + 1, Serf: port + 2 },
    AdvertiseAddrs: { HTTP: `${bind}:${port}`, RPC: serverAddress(door), Serf: `${bind}:${port + 2}` },
    Version: { Version: door.version, VersionPrerelease: "", VersionMetadata: "", Revision: "" },
    ACL: { Enabled: isAclEnforced(state, door.acl) },
    Server: { Enabled: true, BootstrapExpect: 1 },
    Client: { Enabled: door.control.agents.size > 0 },
    UI: { Enabled: true },
    ...door.configuration,
  };
  const stats = {
    nomad: {
      server: "true",
      leader: "true",
      leader_addr: serverAddress(door),
      bootstrap: "true",
      known_regions: "1",
      version: door.version,
    },
    raft: {
      num_peers: "0",
      state: "Leader",
      last_log_index: String(state.index),
      applied_index: String(state.index),
    },
    runtime: { kernel: process.platform, arch: process.arch, version: process.version },
  };
  return { config, stats, member: member(door) };
}

/** As a server, and as the clients whose agents can be reached. */
function health(call: Call): Json {
  const ok = { ok: true, message: "ok" };
  const type = call.query("type");
  const hasClient = call.control.agents.size > 0;
  return {
    ...(type !== "client" && { server: ok }),
    ...(type !== "server" && hasClient && { client: ok }),
  };
}

/** The machine of the server; not its environment, which holds secrets. */
function host({ door }: Call): Json {
  return {
    AgentID: door.name,
    HostData: {
      OS: `${platform()} ${release()} ${arch()}`,
      Hostname: hostname(),
      UptimeSeconds: Math.floor(uptime()),
      Network: null,
      ResolvConf: "",
      Hosts: "",
      Environment: null,
      Disk: null,
    },
  };
}

/** The log as it is written, in frames, or with `plain` as text. */
async function monitor(call: Call): Promise<unknown> {
  const { logFeed } = call.door;
  if (!logFeed) throw new Fault(501, "This server has no log to listen to.");
  const level = (call.query("log_level") || "info").toLowerCase() as LogLevel;
  const least = logLevels.indexOf(level);
  if (least < 0) throw new Fault(400, `log_level is one of ${logLevels.join(", ")}`);
  const queue = new Queue<string>();
  const stop = logFeed.listen((line) => {
    if (logLevels.indexOf(line.level) >= least) queue.put(`${line.text}\n`);
  });
  call.signal.addEventListener("abort", () => {
    stop();
    queue.end();
  });
  const isPlain = call.flag("plain");
  const frames = isPlain ? queue : framesOf(queue);
  const beating = withBeat(frames, isPlain ? "" : "{}\n", {
    clock: call.clock,
    everyMs: 10_000,
    signal: call.signal,
  });
  return answerStream(call, beating, isPlain ? "text/plain; charset=utf-8" : "application/json");
}

async function* framesOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify({ Data: Buffer.from(line).toString("base64") })}\n`;
}
