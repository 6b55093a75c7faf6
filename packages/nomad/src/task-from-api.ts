import type { Artifact, DeviceAsk, Task, TaskResources, Template } from "@fractus/core/job.ts";
import type * as api from "@fractus/hcl/job/api.ts";
import { affinitiesFromApi, constraintsFromApi, restartFromApi } from "./policy-from-api.ts";
import { networkFromApi } from "./network-from-api.ts";
import { serviceFromApi } from "./service-from-api.ts";
import { bytesOf, milliseconds } from "./units.ts";

/** One task of a group. */
export function taskFromApi(json: api.Task): Task {
  return {
    name: json.Name,
    driver: json.Driver,
    ...(json.User && { user: json.User }),
    config: json.Config ?? {},
    env: json.Env ?? {},
    constraints: constraintsFromApi(json.Constraints),
    affinities: affinitiesFromApi(json.Affinities),
    services: (json.Services ?? []).map(serviceFromApi),
    resources: resourcesFromApi(json.Resources),
    restart: restartFromApi(json.RestartPolicy),
    meta: json.Meta ?? {},
    killTimeoutMs: milliseconds(json.KillTimeout),
    ...(json.KillSignal && { killSignal: json.KillSignal }),
    ...(json.ShutdownDelay > 0 && { shutdownDelayMs: milliseconds(json.ShutdownDelay) }),
    logs: {
      maxFiles: json.LogConfig.MaxFiles,
      maxFileBytes: bytesOf(json.LogConfig.MaxFileSizeMB),
      disabled: json.LogConfig.Disabled || json.LogConfig.Enabled === false,
    },
    artifacts: (json.Artifacts ?? []).map(artifactFromApi),
    templates: (json.Templates ?? []).map(templateFromApi),
    volumeMounts: (json.VolumeMounts ?? []).map((mount) => ({
      volume: mount.Volume,
      destination: mount.Destination,
      readOnly: mount.ReadOnly,
    })),
    ...(json.DispatchPayload?.File && { dispatchFile: json.DispatchPayload.File }),
    leader: json.Leader,
    ...(json.Lifecycle && { lifecycle: { hook: json.Lifecycle.Hook, sidecar: json.Lifecycle.Sidecar } }),
    ...(json.Kind && { kind: json.Kind }),
  };
}

function resourcesFromApi(json: api.Resources): TaskResources {
  return {
    cpuMhz: json.Cores > 0 ? 0 : json.CPU,
    cores: json.Cores,
    memoryBytes: bytesOf(json.MemoryMB),
    ...(json.MemoryMaxMB > 0 && { memoryMaxBytes: bytesOf(json.MemoryMaxMB) }),
    networks: (json.Networks ?? []).map(networkFromApi),
    devices: (json.Devices ?? []).map(deviceFromApi),
  };
}

function deviceFromApi(json: api.RequestedDevice): DeviceAsk {
  return {
    name: json.Name,
    count: json.Count,
    constraints: constraintsFromApi(json.Constraints),
    affinities: affinitiesFromApi(json.Affinities),
  };
}

function artifactFromApi(json: api.TaskArtifact): Artifact {
  return {
    source: json.GetterSource,
    destination: json.RelativeDest,
    mode: json.GetterMode,
    options: json.GetterOptions ?? {},
    headers: json.GetterHeaders ?? {},
    ...(json.GetterInsecure && { insecure: true }),
    ...(json.Chown && { isOwnedByTask: true }),
  };
}

function templateFromApi(json: api.Template): Template {
  return {
    destination: json.DestPath,
    ...(json.SourcePath ? { source: json.SourcePath } : { data: json.EmbeddedTmpl }),
    changeMode: json.ChangeMode,
    ...(json.ChangeSignal && { changeSignal: json.ChangeSignal }),
    ...(json.ChangeScript && {
      changeScript: {
        command: json.ChangeScript.Command,
        args: json.ChangeScript.Args ?? [],
        timeoutMs: milliseconds(json.ChangeScript.Timeout),
        failsOnError: json.ChangeScript.FailOnError,
      },
    }),
    ...(json.Once && { once: true }),
    splayMs: milliseconds(json.Splay),
    permissions: json.Perms,
    ...(json.Uid !== null && { uid: json.Uid }),
    ...(json.Gid !== null && { gid: json.Gid }),
    leftDelimiter: json.LeftDelim,
    rightDelimiter: json.RightDelim,
    ...(json.Envvars && { isEnvironment: true }),
    ...(json.Wait && { wait: { minMs: milliseconds(json.Wait.Min), maxMs: milliseconds(json.Wait.Max) } }),
    ...(json.ErrMissingKey && { failsOnMissingKey: true }),
  };
}
