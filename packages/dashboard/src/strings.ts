/** Everything the pages say, in English. Another language is another object of the type `Strings`. */
import type { ClientStatus } from "@fractus/client/types/allocation.ts";
import type { JobStatus } from "@fractus/client/types/job.ts";
import type { NodeStatus } from "@fractus/client/types/node.ts";
import { counted } from "./format.ts";

const statuses: Record<ClientStatus | "stopping" | "unhealthy" | "healthy" | "restarting", string> = {
  pending: "pending",
  running: "running",
  complete: "complete",
  failed: "failed",
  lost: "lost",
  unknown: "unknown",
  stopping: "stopping",
  unhealthy: "unhealthy",
  healthy: "healthy",
  restarting: "restarting",
};
const nodeStatuses: Record<NodeStatus | "draining" | "ineligible", string> = {
  initializing: "initializing",
  ready: "ready",
  down: "down",
  disconnected: "disconnected",
  draining: "draining",
  ineligible: "ineligible",
};
const jobStatuses = {
  pending: "pending",
  running: "running",
  dead: "dead",
  stopped: "stopped",
  waiting: "waits for launches",
  noPlace: (count: number) => `no place for ${count}`,
  nothing: "nothing runs",
  failed: "failed",
  complete: "complete",
  starting: "starting",
} satisfies Record<JobStatus, string> & Record<string, string | ((count: number) => string)>;

export const strings = {
  title: "Fractus",
  skip: "Skip to the content",
  nav: { label: "Pages", overview: "Overview", jobs: "Jobs", nodes: "Nodes", run: "Run" },
  statuses,
  nodeStatuses,
  jobStatuses,
  more: (count: number) => `… and ${count} more`,
  loading: "Loading …",
  none: "none",
  copy: { copy: "Copy", copied: "Copied", failed: "The browser does not let this page copy." },
  connection: {
    connecting: "connecting",
    live: "live",
    lost: "lost",
    denied: "needs a token",
    banner: "The connection is gone. What you see is how things were; the page goes on by itself.",
  },
  token: {
    heading: "A token is needed",
    text: "The server keeps this from those who do not say who they are.",
    wrong: "The server does not let this token see or do that.",
    label: "Secret ID of a token",
    use: "Use it",
    forget: "Forget the token",
    kept: "It is kept in this tab only.",
  },
  jump: {
    label: "Jump to a job, an allocation or a node",
    hint: "Jump to … ( / )",
    nothing: "Nothing has a name or an ID like that.",
    kinds: { jobs: "job", allocs: "allocation", nodes: "node" },
  },
  errors: {
    away: "The server cannot be reached.",
    heading: "That did not work",
    fault: "This page has a fault.",
    reload: "Load it again",
    gone: "It is not there (any more).",
    dismiss: "Dismiss",
  },
  unknown: { heading: "There is no such page.", back: "To the overview" },
  done: (what: string) => `Done: ${what}`,
  confirm: { keep: "Cancel" },
  problems: {
    heading: "What needs attention",
    fine: "Nothing is wrong.",
    node: (name: string, status: string) => `Node ${name} is ${status}`,
    noPlace: (job: string, count: number) =>
      `${job} waits: no node has room for ${count > 0 ? counted(count, "copy", "copies") : "some of it"}`,
    nothing: (job: string) => `${job}: nothing of it runs`,
    failed: (job: string, count: number) => `${job}: ${counted(count, "allocation")} failed`,
    lost: (job: string, count: number) => `${job}: ${counted(count, "allocation")} lost with the node`,
    restarting: (job: string, count: number) => `${job}: ${counted(count, "allocation")} keeps restarting`,
    unhealthy: (job: string, count: number) => `${job}: ${counted(count, "allocation")} unhealthy`,
    deployment: (job: string, version: number) => `${job}: the rollout of version ${version} failed`,
    promotion: (job: string, version: number) =>
      `${job}: the canaries of version ${version} wait for your word`,
    noReason: "no reason is known",
  },
  overview: {
    heading: "Overview",
    counts: (jobs: number, allocations: number, nodes: number) =>
      `${counted(jobs, "job")}, ${counted(allocations, "allocation")}, ${counted(nodes, "node")}`,
    empty: "Nothing runs yet. Run a job:",
    capacity: "Capacity",
    endpoints: "Endpoints",
    noEndpoints: "No service has an address yet. A job file gives it one with a service block.",
    running: "Running",
    server: "Server",
    version: "Version",
    since: "Started",
    data: "Data",
  },
  capacity: {
    cpu: "CPU",
    memory: "Memory",
    disk: "Disk",
    of: (used: string, all: string) => `${used} of ${all} set aside`,
    measured: (used: string) => `${used} in use`,
  },
  endpoints: {
    frontDoor: "front door",
    behind: (healthy: number, all: number) => `${healthy} of ${all} behind it healthy`,
  },
  jobs: {
    heading: "Jobs",
    empty: "There are no jobs. Run one:",
    nothingFits: "No job fits.",
    filter: "Filter by name",
    all: "all",
    trouble: "in trouble",
    running: "running",
    dead: "dead",
    name: "Job",
    type: "Type",
    status: "Status",
    groups: "Groups",
    age: "Submitted",
    launches: (running: number, pending: number, dead: number) =>
      `launches: ${running} running, ${pending} pending, ${dead} over`,
    counts: {
      Running: "running",
      Starting: "starting",
      Queued: "without a place",
      Failed: "failed so far",
      Lost: "lost",
      Unknown: "unknown",
      Complete: "complete",
    },
  },
  job: {
    missing: (id: string) => `There is no job ${id}.`,
    type: "Type",
    priority: "Priority",
    version: "Version",
    datacenters: "Datacenters",
    pool: "Node pool",
    namespace: "Namespace",
    submitted: "Submitted",
    parent: "Launched by",
    groups: "Groups",
    group: "Group",
    running: "Running",
    count: "Count",
    scale: "Scale",
    sameCount: "That is the count already.",
    scaleTo: (group: string) => `Count of ${group}`,
    allocations: "Allocations",
    noAllocations: "It has no allocations.",
    ended: (count: number) => `Show ${count} that have ended`,
    hideEnded: "Hide those that have ended",
    why: "Why it is where it is",
    versions: "Versions",
    current: "current",
    stable: "stable",
    revert: "Revert",
    revertSure: (id: string, version: number) => `Take ${id} back to version ${version}?`,
    noChanges: "the first that is known",
    endpoints: "Endpoints",
    usage: "Resource use",
    usageOf: (measured: number, all: number) => `${measured} of ${all} running allocations measured`,
    actions: "Actions",
    stop: "Stop",
    stopSure: (id: string) => `Stop all allocations of ${id}? The job is kept and can be started again.`,
    start: "Start",
    purge: "Forget",
    purgeSure: (id: string) => `Stop ${id} and forget it, with its versions?`,
    evaluate: "Place again",
    force: "Launch now",
    edit: "Edit",
    launches: "Launches",
    dispatch: "Dispatch",
    payload: "Payload",
  },
  deployment: {
    heading: "Rollout",
    of: (version: number) => `of version ${version}`,
    progress: (healthy: number, all: number) => `${healthy} of ${all} healthy`,
    canaries: (placed: number, wanted: number) =>
      `${placed} of ${counted(wanted, "canary", "canaries")} placed`,
    promoted: "promoted",
    unhealthy: (count: number) => `${count} unhealthy`,
    by: "has to get on until",
    promote: "Promote",
    promoteWhyNot: "Its canaries are not all healthy yet.",
    fail: "Fail",
    failSure: "End this rollout as failed? A job that says auto_revert goes back to its last stable version.",
  },
  allocation: {
    id: "ID",
    name: "Allocation",
    canary: "canary",
    missing: "There is no such allocation (any more).",
    node: "Node",
    job: "Job",
    group: "Group",
    version: "Version",
    created: "Created",
    modified: "Changed",
    desired: "Wanted",
    status: "Status",
    description: "What is said",
    previous: "Replaces",
    next: "Replaced by",
    tasks: "Tasks",
    task: "Task",
    events: "Events",
    noEvents: "Nothing has happened to it yet.",
    restarts: (count: number) => counted(count, "restart"),
    for: (text: string) => `for ${text}`,
    checks: "Health checks",
    noChecks: "No health check watches it.",
    noUsage: "It does not run, so it uses nothing.",
    endpoints: "Ports and endpoints",
    noEndpoints: "It has no ports.",
    isolation: "Isolation",
    holds: "kept apart",
    open: "open",
    restart: "Restart",
    restartSure: (name: string) => `Restart the tasks of ${name} where they are?`,
    stop: "Stop",
    stopSure: (name: string) => `Stop ${name}? Its job may get another one in its place.`,
    ended: "It has ended.",
    actions: "Actions",
  },
  usage: {
    cpu: "CPU",
    memory: "Memory",
    of: (asked: string) => `of ${asked} asked for`,
    chart: (name: string, value: string) => `${name} now ${value}`,
    measuring: "Measuring …",
  },
  logs: {
    stream: "Which output",
    task: "Which task",
    search: "Search",
    follow: "Follow",
    empty: { stdout: "It has written nothing yet.", stderr: "It has written nothing to its error output." },
    noMatch: "No line has that.",
    matches: (count: number) => counted(count, "line"),
    earlier: "Earlier lines are left out; the command line has all.",
    broken: "The log broke off; it is asked for again.",
    region: "Log",
  },
  nodes: {
    heading: "Nodes",
    empty: "There are no nodes. Let a machine join:",
    name: "Node",
    status: "Status",
    where: "Datacenter",
    allocations: "Allocations",
    drivers: "Drivers",
  },
  node: {
    missing: "There is no such node (any more).",
    allocations: "Allocations",
    noAllocations: "Nothing is placed on it.",
    drivers: "Drivers",
    attributes: "Attributes",
    meta: "Meta",
    events: "Events",
    actions: "Actions",
    drain: "Drain",
    drainSure: (name: string) =>
      `Empty ${name}? What runs there moves elsewhere, a few at a time, within an hour.`,
    endDrain: "End the drain",
    enable: "Make eligible",
    disable: "Make ineligible",
    disableSure: (name: string) => `Place nothing new on ${name}? What runs there goes on.`,
    filter: "Filter attributes",
    class: "Class",
    pool: "Pool",
    address: "Address",
    undetected: "not found",
  },
  run: {
    heading: "Run a job",
    label: "Job file",
    hint: "Paste a job file, or drop one here.",
    example: "Put an example in",
    open: "Open a file",
    variables: "Values for its variables",
    variablesHint: 'name = "value", one a line',
    plan: "Plan",
    run: "Run",
    planFirst: "Plan it first: then you see what will happen.",
    changed: "The file has changed since; plan it again.",
    planned: "What would happen",
    placements: "Where it would go",
    explanation: "Why",
    noChanges: "Nothing would change.",
    allPlaced: "All copies find a place.",
    notPlaced: (count: number) => `${counted(count, "copy", "copies")} would find no place.`,
    warnings: "Warnings",
    preempted: "Has to make way",
    nextLaunch: "The next launch would be at",
    allocation: "Allocation",
    node: "Node",
    from: (id: string) => `The file of ${id} as it was last submitted.`,
    noSource: (id: string) =>
      `The file that ${id} was made from is not kept, so this is what was understood of it.`,
  },
};

export type Strings = typeof strings;

/** A small service, for those who have no job file at hand. */
export const exampleJob = `job "hello" {
  group "hello" {
    count = 2

    network {
      port "http" {}
    }

    service {
      name     = "hello"
      port     = "http"
      provider = "nomad"

      check {
        type     = "tcp"
        interval = "5s"
        timeout  = "1s"
      }
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "python3"
        args    = ["-u", "-m", "http.server", "\${NOMAD_PORT_http}"]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
`;
