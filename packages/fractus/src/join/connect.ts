/** The way from an agent's machine to control: one connection, made again for as long as it takes. */
import type { AgentAccess } from "@fractus/agent/agent-access.ts";
import type {
  Assignments,
  ControlLink,
  HeartbeatTerms,
  ServiceRegistration,
} from "@fractus/agent/control-link.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { fingerprintOf, readToken } from "./certificate.ts";
import { Peer } from "./peer.ts";
import { agentHandlers } from "./remote-agent.ts";

export interface Connection {
  readonly link: ControlLink;
  close(): void;
}

const firstPauseMs = 200;
const mostPauseMs = 10_000;
const patienceMs = 10_000;

/**
 * Connects to control. Calls wait a while for a connection, then refuse with `unavailable`.
 *
 * @param options.url `https://HOST:PORT`
 * @param options.agentOf the agents of this machine, which others ask through control
 * @throws Refusal invalid for a token or URL that is none
 */
export function connectToControl(options: {
  readonly url: string;
  readonly token: string;
  readonly agentOf: (nodeId: string) => AgentAccess;
  readonly log: (line: string) => void;
}): Connection {
  const { fingerprint, secret } = readToken(options.token);
  const url = joinUrl(options.url);
  const handlers = agentHandlers(options.agentOf);
  const end = new AbortController();
  let peer: Peer | undefined;
  let waiting: ((peer: Peer) => void)[] = [];

  const run = async () => {
    for (let pauseMs = firstPauseMs; !end.signal.aborted; pauseMs = Math.min(pauseMs * 2, mostPauseMs)) {
      try {
        const socket = await open(url, { fingerprint, secret }, end.signal);
        peer = new Peer(socket, handlers);
        pauseMs = firstPauseMs;
        for (const resolve of waiting) resolve(peer);
        waiting = [];
        await peer.closed;
      } catch (error) {
        options.log(
          `control cannot be reached at ${options.url}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      peer = undefined;
      if (!end.signal.aborted) await pause(pauseMs, end.signal);
    }
  };
  void run();

  const present = (): Promise<Peer> => {
    if (peer) return Promise.resolve(peer);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting = waiting.filter((one) => one !== found);
        reject(new Refusal("unavailable", "Control cannot be reached."));
      }, patienceMs);
      const found = (one: Peer) => {
        clearTimeout(timer);
        resolve(one);
      };
      waiting.push(found);
    });
  };
  const ask = async <T>(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<T> =>
    (await (await present()).call(method, args, signal)) as T;
  return {
    link: {
      register: (node) => ask<HeartbeatTerms>("register", [node]),
      heartbeat: (nodeId) => ask<HeartbeatTerms>("heartbeat", [nodeId]),
      assignments: (nodeId, index, signal) => ask<Assignments>("assignments", [nodeId, index], signal),
      report: (nodeId, reports) => ask<void>("report", [nodeId, reports]),
      setServices: (id, services) => ask<void>("setServices", [id, services]),
      services: (project, name) => ask<readonly ServiceRegistration[]>("services", [project, name]),
      variable: (project, path) =>
        ask<Readonly<Record<string, string>> | undefined>("variable", [project, path]),
      variablePaths: (project, prefix) => ask<readonly string[]>("variablePaths", [project, prefix]),
      changed: (index, signal) => ask<number>("changed", [index], signal),
    },
    close() {
      end.abort();
      peer?.close();
    },
  };
}

function joinUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== "https:")
    throw new Refusal("invalid", `"${text}" is no address of control: it begins with https://.`);
  return `wss://${url.host}/join`;
}

/** The certificate is right when it has the fingerprint of the token; names and issuers are of no account. */
function open(
  url: string,
  expected: { readonly fingerprint: string; readonly secret: string },
  signal: AbortSignal,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      rejectUnauthorized: false,
      handshakeTimeout: patienceMs,
      finishRequest: (request) => {
        // The secret is sent only to who proved to be the one that the token names.
        request.once("socket", (raw) => {
          (raw as TLSSocket).once("secureConnect", () => {
            const certificate = (raw as TLSSocket).getPeerCertificate().raw;
            if (!certificate || fingerprintOf(certificate) !== expected.fingerprint) {
              request.destroy(new Error("its certificate is not the one that the token names"));
              return;
            }
            request.setHeader("authorization", `Bearer ${expected.secret}`);
            request.end();
          });
        });
      },
    });
    const stop = () => socket.terminate();
    signal.addEventListener("abort", stop, { once: true });
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_, response) => {
      reject(
        new Error(
          response.statusCode === 401 ? "the token is not accepted" : `it answered ${response.statusCode}`,
        ),
      );
      socket.terminate();
    });
    socket.once("error", reject);
    socket.once("close", () => signal.removeEventListener("abort", stop));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
