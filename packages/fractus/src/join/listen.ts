/** Where agents of other machines connect: TLS, a secret, and then calls both ways over one WebSocket. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { AgentAccess } from "@fractus/agent/agent-access.ts";
import type {
  AllocationReport,
  ControlLink,
  NodeFacts,
  ServiceRegistration,
} from "@fractus/agent/control-link.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { WebSocketServer } from "ws";
import { type Identity, sameSecret } from "./certificate.ts";
import { type Handlers, Peer } from "./peer.ts";
import { remoteAgent } from "./remote-agent.ts";

export interface JoinServer {
  readonly port: number;
  close(): Promise<void>;
}

const mostMessageBytes = 64 * 1024 * 1024;

/** Listens for agents; whoever knows the secret may join, and speaks for the nodes that it has registered. */
export async function listenForAgents(options: {
  readonly host: string;
  readonly port: number;
  readonly identity: Identity;
  readonly link: ControlLink;
  readonly attachAgent: (nodeId: string, agent: AgentAccess) => () => void;
}): Promise<JoinServer> {
  const { host, port, identity, link, attachAgent } = options;
  const server = createServer({ cert: identity.certificate, key: identity.key });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes });
  server.on("upgrade", (request, socket, head) => {
    const [, secret = ""] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (request.url !== "/join" || !sameSecret(secret, identity.secret)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      const detach = new Map<string, () => void>();
      const peer: Peer = new Peer(
        accepted,
        linkHandlers(
          link,
          (nodeId) => {
            detach.get(nodeId)?.();
            detach.set(nodeId, attachAgent(nodeId, remoteAgent(peer, nodeId)));
          },
          (nodeId) => detach.has(nodeId),
        ),
      );
      void peer.closed.then(() => detach.forEach((leave) => leave()));
    });
  });
  server.on("request", (_, response) => response.writeHead(404).end("Agents connect to /join.\n"));
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(port, host, () => resolve()),
  );
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function linkHandlers(
  link: ControlLink,
  onRegistered: (nodeId: string) => void,
  isOwn: (nodeId: string) => boolean,
): Handlers {
  const own = (nodeId: unknown): string => {
    if (typeof nodeId === "string" && isOwn(nodeId)) return nodeId;
    throw new Refusal("not-found", `This connection has not registered node ${String(nodeId)}.`);
  };
  return {
    channels: {},
    calls: {
      register: async ([facts]) => {
        const terms = await link.register(facts as NodeFacts);
        onRegistered((facts as NodeFacts).id);
        return terms;
      },
      heartbeat: ([nodeId]) => link.heartbeat(own(nodeId)),
      assignments: ([nodeId, index], signal) => link.assignments(own(nodeId), Number(index), signal),
      report: ([nodeId, reports]) => link.report(own(nodeId), reports as AllocationReport[]),
      setServices: ([id, services]) => link.setServices(String(id), services as ServiceRegistration[]),
      services: ([project, name]) => link.services(String(project), String(name)),
      variable: ([project, path]) => link.variable(String(project), String(path)),
      variablePaths: ([project, prefix]) => link.variablePaths(String(project), String(prefix)),
      changed: ([index], signal) => link.changed(Number(index), signal),
    },
  };
}
