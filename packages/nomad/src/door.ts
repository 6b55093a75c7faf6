/**
 * The HTTP API of Nomad in front of the cloud, as a plugin of Fastify; register it under `/v1`.
 *
 * A request goes its way in one order: who is asking, what the table of authorities demands for the
 * route, waiting if it is asked to, the answer, and on a refusal plain text with the status of its kind.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs
 */
import { authenticate } from "@fractus/control/acl/authenticate.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { allRoutes } from "./all-routes.ts";
import { authorities, authorityOf, demand } from "./authority.ts";
import { untilChanged } from "./blocking.ts";
import { Call, type CallParts, secretIn } from "./call.ts";
import type { DoorOptions } from "./door-options.ts";
import { answerFor } from "./fault.ts";
import { upgradeRoutes } from "./exec-socket.ts";
import { refuseForeignPage } from "./origin.ts";
import type { Route } from "./route.ts";
import { RouteMap } from "./route-map.ts";
import { whatIsMissing } from "./missing.ts";

/** Bytes of a body, for calls that say nothing else. */
const usualBodyLimit = 16 * 1024 * 1024;

/**
 * The door, to be registered with a prefix: `app.register(nomadDoor(options), { prefix: "/v1" })`. The
 * application's `maxParamLength` bounds the ids that can be asked for; Fastify's own, 100, is too short.
 */
export function nomadDoor(options: DoorOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    takeBytes(app);
    const map = new RouteMap(allRoutes);
    for (const route of allRoutes) register(app, options, route);
    registerNested(app, options, map);
    app.setErrorHandler((error, request, reply) => answerError(options, error, request, reply));
    app.setNotFoundHandler((request, reply) => answerMissing(map, request, reply));
    upgradeRoutes(app, options);
  };
}

/** Clients send JSON under any content type, so bodies are taken as they come and read where they are used. */
function takeBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

/** Who may not is told so before the body of the request is read. */
function register(app: FastifyInstance, options: DoorOptions, route: Route): void {
  const calls = new WeakMap<FastifyRequest, Call>();
  app.route({
    method: route.method === "POST" ? ["POST", "PUT"] : route.method,
    url: route.path,
    exposeHeadRoute: false,
    bodyLimit: route.bodyLimit ?? usualBodyLimit,
    onRequest: async (request, reply) => {
      const parameters = request.params as Record<string, string>;
      calls.set(request, admit({ door: options, request, reply, parameters }, route));
    },
    handler: (request) => answer(calls.get(request)!, route),
  });
}

/** Ids may hold slashes that are not encoded: `/job/backup/periodic-1763710000/allocations`. */
function registerNested(app: FastifyInstance, options: DoorOptions, map: RouteMap): void {
  app.route({
    method: ["GET", "POST", "PUT", "DELETE"],
    url: "/job/*",
    exposeHeadRoute: false,
    bodyLimit: usualBodyLimit,
    handler: (request, reply) => {
      const rest = (request.params as { readonly "*": string })["*"];
      const found = map.findNested(request.method, rest);
      if (!found) return answerMissing(map, request, reply);
      const { route, parameters } = found;
      return answer(admit({ door: options, request, reply, parameters }, route), route);
    },
  });
}

/** The call of somebody who may make it. @throws Refusal forbidden */
function admit(parts: Omit<CallParts, "bearer" | "authority">, route: Route): Call {
  const authority = authorityOf(authorities, route);
  const { control, acl, trustedOrigins } = parts.door;
  const { headers, socket } = parts.request;
  refuseForeignPage({ headers, localAddress: socket.localAddress }, trustedOrigins);
  const secret = authority.need === "nothing" ? undefined : secretIn(parts.request);
  const bearer = authenticate(control, secret, acl);
  const call = new Call({ ...parts, bearer, authority });
  demand(call, authority);
  return call;
}

async function answer(call: Call, route: Route): Promise<unknown> {
  const index = route.changedAt ? await untilChanged(call, route.changedAt) : undefined;
  if (call.signal.aborted) return call.reply;
  const found = await route.answer(call);
  return call.reply.sent ? call.reply : send(call, found, index ?? Math.max(1, call.state.index));
}

function send(call: Call, found: unknown, index: number): FastifyReply {
  const { reply } = call;
  void reply.headers({
    "X-Nomad-Index": String(index),
    "X-Nomad-KnownLeader": "true",
    "X-Nomad-LastContact": "0",
    Vary: "Accept-Encoding",
  });
  if (found === undefined) return reply.send();
  const text = JSON.stringify(found, undefined, call.flag("pretty") ? 4 : undefined);
  return reply.type("application/json").send(text);
}

function answerError(
  options: DoorOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = answerFor(error);
  if (!known) {
    options.log("a request failed", {
      request: `${request.method} ${request.url.split("?")[0]}`,
      error: chainOf(error),
    });
  }
  const { status, text } = known ?? { status: 500, text: "Internal error; the log says more." };
  return answerText(reply, status, text);
}

function chainOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${chainOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

function answerMissing(map: RouteMap, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split("?")[0].replace(/^\/v1/, "");
  const methods = map.methodsOf(path);
  const call = `${request.method} /v1${path}`;
  if (methods.length > 0) {
    void reply.header("Allow", methods.join(", "));
    return answerText(reply, 405, `${call} is not possible: this path takes ${methods.join(", ")}.`);
  }
  const reason = whatIsMissing(path);
  if (reason !== undefined) return answerText(reply, 501, `${call} is not there: ${reason}`);
  return answerText(reply, 404, `There is no ${call} here.`);
}

function answerText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type("text/plain; charset=utf-8").send(text);
}
