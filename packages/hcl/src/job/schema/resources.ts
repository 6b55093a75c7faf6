/** What a task takes up: resources, network, port, dns, device, numa. */
import { affinity, constraint } from "./placement.ts";
import { bool, integer, keyed, many, map, one, string, strings, type BlockSchema } from "./block.ts";

const port: BlockSchema = {
  page: "network",
  doc: "A port of the allocation: fixed if `static` is set, else chosen when it is placed.",
  label: { name: "port label", json: "Label" },
  fields: {
    static: integer("Value", "This very port of the node."),
    to: integer("To", "The port inside the allocation's network; -1 for the same number as outside."),
    host_network: string("HostNetwork", "The network of the node to which the port belongs.", {
      default: "default",
    }),
    ignore_collision: bool("IgnoreCollision", "Do not mind that the port is already taken on the node."),
  },
};

const dns: BlockSchema = {
  page: "network",
  doc: "How names are resolved inside the allocation.",
  fields: {
    servers: strings("Servers", "Addresses of the name servers."),
    searches: strings("Searches", "Domains that are appended to short names."),
    options: strings("Options", "Options of the resolver."),
  },
};

const cni: BlockSchema = {
  page: "network",
  doc: "Settings that are handed to a CNI plugin.",
  unsupported: "networks are made without CNI plugins here",
  fields: { args: map("Args", "Arguments for the plugin.") },
};

export const network: BlockSchema = {
  page: "network",
  doc: "The network that the tasks of a group share, with its ports.",
  fields: {
    mode: string("Mode", "none, bridge, host, or cni/NAME. Without it: host."),
    hostname: string("Hostname", "The host name inside the allocation, in bridge mode."),
    port: many("DynamicPorts", port, { elsewhere: { json: "ReservedPorts", occurs: "many" } }),
    dns: one("DNS", dns),
    cni: one("CNI", cni),
    device: string("Device", "The network device.", { deprecated: "Say host_network in the port instead." }),
    cidr: string("CIDR", "The address range.", { deprecated: "Say host_network in the port instead." }),
    ip: string("IP", "The address.", { deprecated: "Say host_network in the port instead." }),
    mbits: integer("MBits", "The bandwidth. It is neither reserved nor limited.", {
      default: null,
      unit: "Mbit/s",
      deprecated: "Leave it out; bandwidth is not reserved.",
    }),
  },
};

const device: BlockSchema = {
  page: "device",
  doc: "A device that the task needs, such as a graphics card.",
  label: { name: "device: type, vendor/type or vendor/type/name", json: "Name" },
  fields: {
    count: integer("Count", "How many of them.", { default: 1 }),
    constraint: many("Constraints", constraint),
    affinity: many("Affinities", affinity),
  },
};

const numa: BlockSchema = {
  page: "numa",
  doc: "Whether the cores of the task are to lie near each other.",
  fields: {
    affinity: string("Affinity", "none, prefer or require.", {
      default: "none",
      values: ["none", "prefer", "require"],
    }),
    devices: strings("Devices", "Devices that are to lie near the cores too."),
  },
};

export const resources: BlockSchema = {
  page: "resources",
  doc: "What a task needs at least; the scheduler reserves it.",
  fields: {
    cpu: integer("CPU", "Processor time.", { default: 100, unit: "MHz" }),
    cores: integer("Cores", "Whole cores for this task alone; excludes cpu."),
    memory: integer("MemoryMB", "Memory that is reserved.", { default: 300, unit: "MB" }),
    memory_max: integer("MemoryMaxMB", "How far the task may go where the node has memory to spare.", {
      unit: "MB",
    }),
    disk: integer("DiskMB", "Disk space.", {
      unit: "MB",
      deprecated: "Say size in the ephemeral_disk of the group instead.",
    }),
    network: many("Networks", network, {
      deprecated: "Move it up into the group; the ports of a group belong to all of its tasks.",
    }),
    device: many("Devices", device),
    numa: one("NUMA", numa),
    secrets: integer("SecretsMB", "Size of the directory for secrets.", { default: null, unit: "MB" }),
    iops: integer("IOPS", "Disk operations per second. They are not limited.", {
      default: null,
      deprecated: "Leave it out.",
    }),
  },
};

const mountOptions: BlockSchema = {
  page: "volume",
  doc: "How the volume is mounted on the node.",
  unsupported: "there are no CSI plugins here",
  fields: {
    fs_type: string("FSType", "The file system."),
    mount_flags: strings("MountFlags", "Flags for mounting."),
  },
};

const volume: BlockSchema = {
  page: "volume",
  doc: "A volume that the tasks of a group can mount.",
  label: { name: "volume name", json: "Name" },
  fields: {
    type: string("Type", "host for a volume of the node, csi for one of a plugin.", {
      values: ["host", "csi"],
      unsupported: { csi: "there are no CSI plugins here" },
    }),
    source: string("Source", "The name of the volume where it comes from."),
    read_only: bool("ReadOnly", "The tasks cannot write to it."),
    sticky: bool("Sticky", "A replaced allocation gets the same volume again."),
    access_mode: string("AccessMode", "Who may use the volume at the same time, and how.", {
      values: [
        "",
        "single-node-reader-only",
        "single-node-writer",
        "single-node-single-writer",
        "single-node-multi-writer",
        "multi-node-reader-only",
        "multi-node-single-writer",
        "multi-node-multi-writer",
      ],
    }),
    attachment_mode: string("AttachmentMode", "file-system or block-device.", {
      values: ["", "file-system", "block-device"],
    }),
    per_alloc: bool("PerAlloc", "The index of the allocation is appended to the source."),
    mount_options: one("MountOptions", mountOptions),
  },
};

/** The group's volumes: a map by name. */
export const volumes = keyed("Volumes", volume);

export const volumeMount: BlockSchema = {
  page: "volume_mount",
  doc: "Where a volume of the group appears inside the task.",
  fields: {
    volume: string("Volume", "The name of the group's volume."),
    destination: string("Destination", "The path inside the task."),
    read_only: bool("ReadOnly", "The task cannot write to it."),
    propagation_mode: string("PropagationMode", "Which later mounts are seen on the other side.", {
      default: "private",
      values: ["private", "host-to-task", "bidirectional"],
    }),
    selinux_label: string("SELinuxLabel", "How SELinux labels the content.", { values: ["", "Z", "z"] }),
  },
};

export const ephemeralDisk: BlockSchema = {
  page: "ephemeral_disk",
  doc: "The disk space that the tasks of a group share, gone with the allocation.",
  fields: {
    size: integer("SizeMB", "Its size.", { default: 300, unit: "MB" }),
    sticky: bool("Sticky", "Place the next allocation on the same node if possible, with the data."),
    migrate: bool("Migrate", "Copy the data if the next allocation is on another node."),
  },
};
