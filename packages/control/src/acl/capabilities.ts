/**
 * What a policy can allow, and the words that stand for several of these at once.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/secure/acl/policies/capabilities
 */

export const namespaceCapabilities = [
  "deny",
  "list-jobs",
  "parse-job",
  "read-job",
  "submit-job",
  "dispatch-job",
  "register-job",
  "deregister-job",
  "read-logs",
  "read-fs",
  "alloc-exec",
  "alloc-node-exec",
  "alloc-lifecycle",
  "csi-register-plugin",
  "csi-write-volume",
  "csi-read-volume",
  "csi-list-volume",
  "csi-mount-volume",
  "host-volume-create",
  "host-volume-register",
  "host-volume-read",
  "host-volume-write",
  "host-volume-delete",
  "list-scaling-policies",
  "read-scaling-policy",
  "read-job-scaling",
  "scale-job",
  "submit-recommendation",
  "sentinel-override",
] as const;

export type NamespaceCapability = (typeof namespaceCapabilities)[number];

export type VariableCapability = "list" | "read" | "write" | "destroy" | "deny";
export type VolumeCapability = "mount-readonly" | "mount-readwrite" | "deny";

/** How far a policy goes where there is nothing finer: nodes, agents, the operator's commands. */
export type Level = "deny" | "list" | "read" | "write";

const reading: readonly NamespaceCapability[] = [
  "list-jobs",
  "parse-job",
  "read-job",
  "csi-list-volume",
  "csi-read-volume",
  "host-volume-read",
  "read-job-scaling",
  "list-scaling-policies",
  "read-scaling-policy",
];

const scaling: readonly NamespaceCapability[] = [
  "list-scaling-policies",
  "read-scaling-policy",
  "read-job-scaling",
  "scale-job",
];

/** The capabilities that `policy = "read"` and the like of a namespace stand for. */
export const namespaceShorthands: Readonly<Record<string, readonly NamespaceCapability[]>> = {
  deny: ["deny"],
  read: reading,
  write: [
    ...reading,
    "scale-job",
    "submit-job",
    "dispatch-job",
    "register-job",
    "deregister-job",
    "read-logs",
    "read-fs",
    "alloc-exec",
    "alloc-lifecycle",
    "csi-write-volume",
    "csi-mount-volume",
    "host-volume-create",
    "host-volume-register",
    "host-volume-write",
    "host-volume-delete",
    "submit-recommendation",
  ],
  scale: scaling,
};

/** What `submit-job` includes: the finer capabilities came later. */
export const submitting: readonly NamespaceCapability[] = ["register-job", "deregister-job"];

export const volumeShorthands: Readonly<Record<string, readonly VolumeCapability[]>> = {
  deny: ["deny"],
  read: ["mount-readonly"],
  write: ["mount-readonly", "mount-readwrite"],
};

export const variableCapabilities: readonly VariableCapability[] = [
  "list",
  "read",
  "write",
  "destroy",
  "deny",
];
