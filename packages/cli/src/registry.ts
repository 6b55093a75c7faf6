/** The table of commands. A command's own file is loaded when it is called, so that starting stays quick. */
import type { Command, Entry } from "./command.ts";

export const entries: readonly Entry[] = [
  entry("Run a job", ["job run", "run"], async () => (await import("./job/run.ts")).run),
  entry(
    "Show what running a job would change",
    ["job plan", "plan"],
    async () => (await import("./job/plan.ts")).plan,
  ),
  entry("Show a job, or list all", ["job status"], async () => (await import("./job/status.ts")).status),
  entry("Stop a job", ["job stop", "stop"], async () => (await import("./job/stop.ts")).stop),
  entry("Run a stopped job again", ["job start"], async () => (await import("./job/stop.ts")).start),
  entry(
    "Restart a job's allocations",
    ["job restart"],
    async () => (await import("./job/restart.ts")).restart,
  ),
  entry(
    "Write a job file to begin with",
    ["job init", "init"],
    async () => (await import("./job/init.ts")).init,
  ),
  entry(
    "Say what is wrong with a job file",
    ["job validate", "validate"],
    async () => (await import("./job/validate.ts")).validate,
  ),
  entry("Lay job files out", ["job fmt", "fmt"], async () => (await import("./job/format-files.ts")).fmt),
  entry("Turn HCL1 into HCL2", ["job fix", "fix"], async () => (await import("./job/format-files.ts")).fix),
  entry(
    "Show the versions of a job",
    ["job history"],
    async () => (await import("./job/history.ts")).history,
  ),
  entry("Go back to a version", ["job revert"], async () => (await import("./job/history.ts")).revert),
  entry("Let canaries go on", ["job promote"], async () => (await import("./job/change.ts")).promote),
  entry("Set the count of a group", ["job scale"], async () => (await import("./job/change.ts")).scale),
  entry("Have a job looked at again", ["job eval"], async () => (await import("./job/change.ts")).evaluate),
  entry(
    "Launch a periodic job now",
    ["job periodic force"],
    async () => (await import("./job/change.ts")).periodicForce,
  ),
  entry(
    "Make a job from a parameterized one",
    ["job dispatch"],
    async () => (await import("./job/dispatch.ts")).dispatch,
  ),
  entry(
    "Print a job as JSON or as a file",
    ["job inspect", "inspect"],
    async () => (await import("./job/lists.ts")).inspect,
  ),
  entry("List a job's allocations", ["job allocs"], async () => (await import("./job/lists.ts")).allocs),
  entry(
    "List a job's deployments",
    ["job deployments"],
    async () => (await import("./job/lists.ts")).deployments,
  ),
  entry(
    "Logs of all allocations of a job",
    ["job logs", "logs"],
    async () => (await import("./job/logs.ts")).logs,
  ),

  entry("Show whatever an ID stands for", ["status"], async () => (await import("./cloud/status.ts")).status),
  entry("Say why a job is where it is", ["why", "job why"], async () => (await import("./cloud/why.ts")).why),
  entry("Show moves that would help", ["rebalance"], async () => (await import("./cloud/why.ts")).rebalance),
  entry("Print the version", ["version"], async () => (await import("./cloud/version.ts")).version),
  entry(
    "Completion for a shell",
    ["completion"],
    async () => (await import("./cloud/completion.ts")).completion,
  ),

  entry("Show an allocation", ["alloc status"], async () => (await import("./alloc/status.ts")).status),
  entry("What health checks found", ["alloc checks"], async () => (await import("./alloc/status.ts")).checks),
  entry("What a task wrote", ["alloc logs"], async () => (await import("./alloc/logs.ts")).logs),
  entry(
    "Run a command beside a task",
    ["alloc exec", "exec"],
    async () => (await import("./alloc/exec.ts")).exec,
  ),
  entry("Files of an allocation", ["alloc fs", "fs"], async () => (await import("./alloc/fs.ts")).fs),
  entry("Stop an allocation", ["alloc stop"], async () => (await import("./alloc/change.ts")).stop),
  entry("Restart an allocation", ["alloc restart"], async () => (await import("./alloc/change.ts")).restart),
  entry(
    "Send a signal to an allocation",
    ["alloc signal"],
    async () => (await import("./alloc/change.ts")).signal,
  ),

  entry("Show a node, or list all", ["node status"], async () => (await import("./node/status.ts")).status),
  entry("Empty a node", ["node drain"], async () => (await import("./node/change.ts")).drain),
  entry(
    "May anything new be placed there?",
    ["node eligibility"],
    async () => (await import("./node/change.ts")).eligibility,
  ),
  entry("Forget a node", ["node purge"], async () => (await import("./node/change.ts")).purge),
  entry("Show the meta of a node", ["node meta read"], async () => (await import("./node/meta.ts")).read),
  entry("Set meta of a node", ["node meta apply"], async () => (await import("./node/meta.ts")).apply),

  entry(
    "List deployments",
    ["deployment list"],
    async () => (await import("./deployment/deployments.ts")).list,
  ),
  entry(
    "Show a deployment",
    ["deployment status"],
    async () => (await import("./deployment/deployments.ts")).status,
  ),
  entry(
    "Let canaries go on",
    ["deployment promote"],
    async () => (await import("./deployment/deployments.ts")).promote,
  ),
  entry(
    "End a deployment as failed",
    ["deployment fail"],
    async () => (await import("./deployment/deployments.ts")).fail,
  ),
  entry(
    "Halt a deployment",
    ["deployment pause"],
    async () => (await import("./deployment/deployments.ts")).pause,
  ),
  entry(
    "Let a halted one go on",
    ["deployment resume"],
    async () => (await import("./deployment/deployments.ts")).resume,
  ),

  entry("List evaluations", ["eval list"], async () => (await import("./evaluation/evaluations.ts")).list),
  entry(
    "Show an evaluation",
    ["eval status"],
    async () => (await import("./evaluation/evaluations.ts")).status,
  ),
  entry(
    "Delete evaluations",
    ["eval delete"],
    async () => (await import("./evaluation/evaluations.ts")).remove,
  ),

  entry("List services", ["service list"], async () => (await import("./service/services.ts")).list),
  entry("Addresses of a service", ["service info"], async () => (await import("./service/services.ts")).info),
  entry(
    "Take an address out",
    ["service delete"],
    async () => (await import("./service/services.ts")).remove,
  ),

  entry("Set items of a variable", ["var put"], async () => (await import("./variable/variables.ts")).put),
  entry("Show a variable", ["var get"], async () => (await import("./variable/variables.ts")).get),
  entry("List variables", ["var list"], async () => (await import("./variable/variables.ts")).list),
  entry("Delete a variable", ["var purge"], async () => (await import("./variable/variables.ts")).purge),
  entry(
    "Write items to begin with",
    ["var init"],
    async () => (await import("./variable/variables.ts")).init,
  ),

  entry("Make the first token", ["acl bootstrap"], async () => (await import("./acl/tokens.ts")).bootstrap),
  entry("Make a token", ["acl token create"], async () => (await import("./acl/tokens.ts")).create),
  entry("Change a token", ["acl token update"], async () => (await import("./acl/tokens.ts")).update),
  entry("Show a token", ["acl token info"], async () => (await import("./acl/tokens.ts")).info),
  entry("Show the token asked with", ["acl token self"], async () => (await import("./acl/tokens.ts")).self),
  entry("List tokens", ["acl token list"], async () => (await import("./acl/tokens.ts")).list),
  entry("Delete a token", ["acl token delete"], async () => (await import("./acl/tokens.ts")).remove),
  entry("Write a policy", ["acl policy apply"], async () => (await import("./acl/policies.ts")).apply),
  entry("List policies", ["acl policy list"], async () => (await import("./acl/policies.ts")).list),
  entry("Show a policy", ["acl policy info"], async () => (await import("./acl/policies.ts")).info),
  entry("Delete a policy", ["acl policy delete"], async () => (await import("./acl/policies.ts")).remove),

  entry("List namespaces", ["namespace list"], async () => (await import("./namespace/namespaces.ts")).list),
  entry(
    "Make or change a namespace",
    ["namespace apply"],
    async () => (await import("./namespace/namespaces.ts")).apply,
  ),
  entry(
    "Show a namespace",
    ["namespace status"],
    async () => (await import("./namespace/namespaces.ts")).status,
  ),
  entry(
    "Print a namespace as JSON",
    ["namespace inspect"],
    async () => (await import("./namespace/namespaces.ts")).inspect,
  ),
  entry(
    "Delete a namespace",
    ["namespace delete"],
    async () => (await import("./namespace/namespaces.ts")).remove,
  ),

  entry(
    "Forget what has ended",
    ["system gc"],
    async () => (await import("./operator/api.ts")).collectGarbage,
  ),
  entry(
    "Count allocations anew",
    ["system reconcile summaries"],
    async () => (await import("./operator/api.ts")).reconcileSummaries,
  ),
  entry("Send any request", ["operator api"], async () => (await import("./operator/api.ts")).api),
  entry("Print metrics", ["operator metrics"], async () => (await import("./operator/api.ts")).metrics),
  entry(
    "How the scheduler is set",
    ["operator scheduler get-config"],
    async () => (await import("./operator/scheduler.ts")).getConfiguration,
  ),
  entry(
    "Set the scheduler",
    ["operator scheduler set-config"],
    async () => (await import("./operator/scheduler.ts")).setConfiguration,
  ),
  entry(
    "Save the whole state",
    ["operator snapshot save"],
    async () => (await import("./operator/snapshot.ts")).save,
  ),
  entry(
    "Bring a state back",
    ["operator snapshot restore"],
    async () => (await import("./operator/snapshot.ts")).restore,
  ),
  entry(
    "Look at a saved state",
    ["operator snapshot inspect"],
    async () => (await import("./operator/snapshot.ts")).inspect,
  ),

  entry("List servers", ["server members"], async () => (await import("./server/server.ts")).members),
  entry("Follow the server's log", ["monitor"], async () => (await import("./server/server.ts")).monitor),
  entry("Address of the dashboard", ["ui"], async () => (await import("./server/server.ts")).ui),
];

function entry(summary: string, names: readonly string[], load: () => Promise<Command>): Entry {
  return { names, summary, load };
}
