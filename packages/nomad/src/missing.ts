/** Calls of Nomad's API that are not here, and why. */
const absent: readonly (readonly [prefix: string, reason: string])[] = [
  ["/volumes/claims", "host volumes are declared by nodes and are not claimed."],
  ["/volume/csi", "there are no CSI volumes; use a host volume."],
  ["/volume/host", "host volumes are declared in the configuration of their node."],
  ["/plugin", "there are no CSI plugins."],
  ["/quota", "limits are set on the namespace itself."],
  ["/sentinel", "there are no Sentinel policies."],
  ["/recommendation", "there are no recommendations."],
  ["/license", "there is no licence to install."],
  ["/acl/auth-method", "tokens are the only way to sign in."],
  ["/acl/binding-rule", "tokens are the only way to sign in."],
  ["/acl/oidc", "tokens are the only way to sign in."],
  ["/acl/login", "tokens are the only way to sign in."],
  ["/acl/identity", "tasks have no identity tokens."],
  ["/client/identity", "nodes have no identity tokens."],
  ["/operator/raft", "there is one server, which needs no consensus."],
  ["/operator/autopilot", "there is one server, which needs no consensus."],
  ["/operator/keyring", "variables are kept without a keyring."],
  ["/operator/license", "there is no licence to install."],
  ["/operator/utilization", "there is no licence to report to."],
  ["/operator/upgrade-check", "there is no workload identity to upgrade to."],
  ["/agent/join", "there is one server; nodes join with fractus agent --join."],
  ["/agent/force-leave", "there is one server; purge a node instead."],
  ["/agent/keyring", "there is no gossip."],
  ["/agent/pprof", "this is no Go program; use node --inspect."],
  ["/deployment/unblock", "a deployment spans one region."],
  ["/.well-known", "tasks have no identity tokens."],
];

/** The same for calls about one object. */
const absentOfObjects: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^\/client\/allocation\/[^/]+\/pause$/, "tasks have no schedule by which they are paused."],
  [/^\/client\/allocation\/[^/]+\/snapshot$/, "the disk of an allocation does not move to another node."],
  [/^\/job\/.+\/action$/, "an action is told by the job, and run with exec."],
];

/** Why there is no such call; undefined if Nomad has none either. */
export function whatIsMissing(path: string): string | undefined {
  const found = absent.find(([prefix]) => path.startsWith(prefix));
  return (found ?? absentOfObjects.find(([pattern]) => pattern.test(path)))?.[1];
}
