/**
 * What each route demands of whoever calls it: the one table of the door. A test counts the routes, and
 * fails for one that is not in it.
 *
 * Source: the tables "ACL Required" of https://developer.hashicorp.com/nomad/api-docs
 */
import { Refusal } from "@fractus/core/refusal.ts";
import type { NamespaceCapability } from "@fractus/control/acl/capabilities.ts";
import type { Call } from "./call.ts";
import { nameOf, type Route } from "./route.ts";

export type Authority =
  /** Anybody may, even with a token that is none. */
  | { readonly need: "nothing"; readonly capability?: undefined }
  /** Anybody may; what is answered depends on who asks, or the route itself looks at what is asked for. */
  | { readonly need: "own"; readonly capability?: undefined }
  /** The capability in the namespace of the query; of `*`, in any, and the list is narrowed. */
  | { readonly need: "namespace"; readonly capability: NamespaceCapability }
  /** The capability in the namespace of the object, which is not found otherwise. */
  | { readonly need: "object"; readonly capability: NamespaceCapability }
  | {
      readonly need: "node" | "agent" | "operator";
      readonly level: "read" | "write";
      readonly capability?: undefined;
    }
  | { readonly need: "management"; readonly capability?: undefined };

const nothing: Authority = { need: "nothing" };
const own: Authority = { need: "own" };
const management: Authority = { need: "management" };
const inNamespace = (capability: NamespaceCapability): Authority => ({ need: "namespace", capability });
const ofObject = (capability: NamespaceCapability): Authority => ({ need: "object", capability });
const node = (level: "read" | "write"): Authority => ({ need: "node", level });
const agent = (level: "read" | "write"): Authority => ({ need: "agent", level });
const operator = (level: "read" | "write"): Authority => ({ need: "operator", level });

export const authorities: Readonly<Record<string, Authority>> = {
  "GET /jobs": inNamespace("list-jobs"),
  "POST /jobs": ofObject("register-job"),
  "POST /jobs/parse": inNamespace("parse-job"),
  "GET /jobs/statuses": inNamespace("read-job"),
  "POST /jobs/statuses": inNamespace("read-job"),
  "POST /validate/job": ofObject("read-job"),
  "GET /job/:id": inNamespace("read-job"),
  "POST /job/:id": ofObject("register-job"),
  "DELETE /job/:id": inNamespace("deregister-job"),
  "POST /job/:id/plan": ofObject("register-job"),
  "GET /job/:id/allocations": inNamespace("read-job"),
  "GET /job/:id/evaluations": inNamespace("read-job"),
  "GET /job/:id/deployments": inNamespace("read-job"),
  "GET /job/:id/deployment": inNamespace("read-job"),
  "GET /job/:id/summary": inNamespace("read-job"),
  "GET /job/:id/versions": inNamespace("read-job"),
  "GET /job/:id/services": inNamespace("read-job"),
  "GET /job/:id/submission": inNamespace("read-job"),
  "GET /job/:id/actions": inNamespace("read-job"),
  "GET /job/:id/scale": inNamespace("read-job-scaling"),
  "GET /job/:id/why": inNamespace("read-job"),
  "POST /job/:id/scale": inNamespace("scale-job"),
  "POST /job/:id/evaluate": inNamespace("read-job"),
  "POST /job/:id/dispatch": inNamespace("dispatch-job"),
  "POST /job/:id/dispatch/payload": inNamespace("dispatch-job"),
  "POST /job/:id/periodic/force": inNamespace("dispatch-job"),
  "POST /job/:id/revert": inNamespace("register-job"),
  "POST /job/:id/stable": inNamespace("register-job"),
  "POST /job/:id/versions/:tag/tag": inNamespace("register-job"),
  "DELETE /job/:id/versions/:tag/tag": inNamespace("register-job"),
  "POST /rebalance": inNamespace("read-job"),

  "GET /nodes": node("read"),
  "GET /node/:id": node("read"),
  "GET /node/:id/allocations": node("read"),
  "POST /node/:id/drain": node("write"),
  "POST /node/:id/eligibility": node("write"),
  "POST /node/:id/evaluate": node("write"),
  "POST /node/:id/purge": node("write"),
  "GET /node/pools": own,
  "POST /node/pools": own,
  "GET /node/pool/:name": own,
  "POST /node/pool/:name": own,
  "DELETE /node/pool/:name": own,
  "GET /node/pool/:name/jobs": own,
  "GET /node/pool/:name/nodes": own,
  "GET /volumes": inNamespace("host-volume-read"),

  "GET /allocations": inNamespace("read-job"),
  "GET /allocation/:id": ofObject("read-job"),
  "POST /allocation/:id/stop": ofObject("alloc-lifecycle"),
  "GET /allocation/:id/checks": ofObject("read-job"),
  "GET /allocation/:id/services": ofObject("read-job"),
  "GET /allocation/:id/isolation": ofObject("read-job"),

  "GET /client/stats": node("read"),
  "GET /client/gc": node("write"),
  "GET /client/metadata": node("read"),
  "POST /client/metadata": node("write"),
  "GET /client/allocation/:id/stats": ofObject("read-job"),
  "GET /client/allocation/:id/checks": ofObject("read-job"),
  "POST /client/allocation/:id/restart": ofObject("alloc-lifecycle"),
  "POST /client/allocation/:id/signal": ofObject("alloc-lifecycle"),
  "GET /client/allocation/:id/gc": ofObject("submit-job"),
  "GET /client/allocation/:id/exec": ofObject("alloc-exec"),
  "GET /client/fs/logs/:id": ofObject("read-logs"),
  "GET /client/fs/ls/:id": ofObject("read-fs"),
  "GET /client/fs/stat/:id": ofObject("read-fs"),
  "GET /client/fs/cat/:id": ofObject("read-fs"),
  "GET /client/fs/readat/:id": ofObject("read-fs"),
  "GET /client/fs/stream/:id": ofObject("read-fs"),

  "GET /evaluations": inNamespace("read-job"),
  "GET /evaluations/count": inNamespace("read-job"),
  "DELETE /evaluations": management,
  "GET /evaluation/:id": ofObject("read-job"),
  "GET /evaluation/:id/allocations": ofObject("read-job"),

  "GET /deployments": inNamespace("read-job"),
  "GET /deployment/:id": ofObject("read-job"),
  "GET /deployment/allocations/:id": ofObject("read-job"),
  "POST /deployment/fail/:id": ofObject("register-job"),
  "POST /deployment/pause/:id": ofObject("register-job"),
  "POST /deployment/promote/:id": ofObject("register-job"),
  "POST /deployment/allocation-health/:id": ofObject("register-job"),

  "GET /services": inNamespace("read-job"),
  "GET /service/:name": inNamespace("read-job"),
  "DELETE /service/:name/:id": inNamespace("submit-job"),

  "GET /vars": own,
  "GET /var/*": own,
  "POST /var/*": own,
  "DELETE /var/*": own,

  "GET /event/stream": own,
  "GET /metrics": own,

  "POST /acl/bootstrap": nothing,
  "GET /acl/tokens": management,
  "POST /acl/token": management,
  "GET /acl/token/self": own,
  "POST /acl/token/onetime": own,
  "POST /acl/token/onetime/exchange": nothing,
  "GET /acl/token/:accessor": own,
  "POST /acl/token/:accessor": management,
  "DELETE /acl/token/:accessor": management,
  "GET /acl/policies": own,
  "GET /acl/policy/self": own,
  "GET /acl/policy/:name": own,
  "POST /acl/policy/:name": management,
  "DELETE /acl/policy/:name": management,
  "GET /acl/roles": own,
  "POST /acl/role": management,
  "GET /acl/role/name/:name": own,
  "GET /acl/role/:id": own,
  "POST /acl/role/:id": management,
  "DELETE /acl/role/:id": management,

  "GET /namespaces": own,
  "POST /namespace": management,
  "GET /namespace/:name": own,
  "POST /namespace/:name": management,
  "DELETE /namespace/:name": management,

  "GET /agent/self": agent("read"),
  "GET /agent/members": node("read"),
  "GET /agent/servers": agent("read"),
  "GET /agent/health": nothing,
  "GET /agent/host": agent("write"),
  "GET /agent/monitor": agent("read"),
  "GET /agent/schedulers": agent("read"),
  "GET /status/leader": nothing,
  "GET /fractus/status": agent("read"),
  "GET /fractus/doors": agent("read"),
  "GET /status/peers": nothing,
  "GET /regions": nothing,

  "POST /search": own,
  "POST /search/fuzzy": own,

  "GET /scaling/policies": inNamespace("list-scaling-policies"),
  "GET /scaling/policy/:id": ofObject("read-scaling-policy"),

  "GET /operator/scheduler/configuration": operator("read"),
  "POST /operator/scheduler/configuration": operator("write"),
  "GET /operator/snapshot": management,
  "POST /operator/snapshot": management,
  "POST /system/gc": management,
  "POST /system/reconcile/summaries": management,
};

/** What a route demands. A route that nobody thought of demands everything. */
export function authorityOf(
  table: Readonly<Record<string, Authority>>,
  route: Pick<Route, "method" | "path">,
): Authority {
  return table[nameOf(route)] ?? management;
}

/** @throws Refusal forbidden for a caller who may not */
export function demand(call: Call, authority: Authority): void {
  if (!isMet(call, authority)) throw new Refusal("forbidden", "Permission denied");
}

function isMet({ acl, namespace }: Call, authority: Authority): boolean {
  switch (authority.need) {
    case "nothing":
    case "own":
    case "object":
      return true;
    case "namespace":
      return namespace === "*"
        ? acl.isManagement || acl.allowsSomewhere(authority.capability)
        : acl.allows(namespace, authority.capability);
    case "node":
    case "agent":
    case "operator":
      return acl.allowsAt(authority.need, authority.level);
    default:
      return acl.isManagement;
  }
}
