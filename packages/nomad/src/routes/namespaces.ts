/** Namespaces, which are the cloud's projects. After https://developer.hashicorp.com/nomad/api-docs/namespaces. */
import { Refusal } from "@fractus/core/refusal.ts";
import { deleteProject, putProject } from "@fractus/control/commands/projects.ts";
import type { Json, Project, Quota } from "@fractus/control/state/records.ts";
import { meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { listed } from "../listing.ts";
import { read, remove, type Route, write } from "../route.ts";
import { namespaceShape } from "../shape/nouns.ts";
import { bodyOf, fieldsOf, type Taken } from "../fields.ts";

export const namespaceRoutes: readonly Route[] = [
  read("/namespaces", ({ state }) => state.projects.modifiedIndex, list),
  write("/namespace", put),
  read("/namespace/:name", changedAt, show),
  write("/namespace/:name", put),
  remove("/namespace/:name", async (call) => meta(await deleteProject(call.control, call.path("name")))),
];

function list(call: Call): Json[] {
  const { state, acl } = call;
  return listed(call, {
    rows: [...state.projects.values()].filter(({ name }) => acl.sees(name)),
    idOf: ({ name }) => name,
    shape: (project) => namespaceShape(state, project),
  });
}

function changedAt(call: Call): number {
  const { projects } = call.state;
  return projects.entry(call.path("name"))?.modifiedIndex ?? projects.modifiedIndex;
}

function show(call: Call): Json {
  const name = call.path("name");
  const project = call.state.projects.get(name);
  if (!project || !call.acl.sees(name)) throw new Refusal("not-found", `namespace "${name}" not found`);
  return namespaceShape(call.state, project);
}

const namespaceRequest = {
  Name: "text",
  Description: "text",
  Meta: "map",
  Capabilities: "object",
  Limits: "object",
} as const;

const driverFields = { EnabledTaskDrivers: "texts", DisabledTaskDrivers: "texts" } as const;
/** What all of it may take together: ours, in place of a quota of Nomad's enterprise version. */
const limitFields = { CPU: "number", MemoryBytes: "number", Allocs: "number" } as const;

async function put(call: Call): Promise<Json> {
  const json = bodyOf(call, namespaceRequest);
  const name = json.Name ?? call.path("name");
  if (call.path("name") !== "" && name !== call.path("name"))
    throw new Fault(400, "Namespace name in the path does not match that of the body");
  const drivers = json.Capabilities && fieldsOf(json.Capabilities, driverFields);
  const project: Project = {
    name,
    description: json.Description ?? "",
    meta: json.Meta ?? {},
    ...(json.Limits && { quota: quotaFrom(fieldsOf(json.Limits, limitFields)) }),
    ...(drivers && {
      capabilities: {
        enabledDrivers: drivers.EnabledTaskDrivers ?? [],
        disabledDrivers: drivers.DisabledTaskDrivers ?? [],
      },
    }),
  };
  return meta(await putProject(call.control, project));
}

function quotaFrom(limits: Taken<typeof limitFields>): Quota {
  return {
    ...(limits.CPU && { cpuMhz: limits.CPU }),
    ...(limits.MemoryBytes && { memoryBytes: limits.MemoryBytes }),
    ...(limits.Allocs && { instances: limits.Allocs }),
  };
}
