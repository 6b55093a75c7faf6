/**
 * What may stand in the `config` of a task, for each driver that is known. The settings reach the
 * driver as they stand, so names here are the same in the file and in the JSON.
 *
 * After https://developer.hashicorp.com/nomad/docs/job-declare/task-driver.
 */
import {
  bool,
  integer,
  many,
  one,
  string,
  strings,
  type BlockField,
  type BlockSchema,
  type Field,
} from "./block.ts";
import { texts } from "./free.ts";

/** The settings of each driver, by the name that a task gives in `driver`. */
export const drivers: Readonly<Record<string, BlockSchema>> = {
  raw_exec: driver("raw_exec", "Runs a command on the node as it is, without isolation.", {
    ...command(),
    work_dir: string("work_dir", "The working directory."),
    denied_envvars: strings("denied_envvars", "Variables of the host that the task does not get."),
    oom_score_adj: integer("oom_score_adj", "How readily the kernel ends it when memory is short."),
    cgroup_v2_override: string("cgroup_v2_override", "An existing cgroup for the task."),
    cgroup_v1_override: textsOf("raw_exec", "cgroup_v1_override", "An existing cgroup for each controller."),
  }),
  exec: driver("exec", "Runs a command in isolation.", { ...command(), ...isolation() }),
  java: driver("java", "Runs a Java program.", {
    jar_path: string("jar_path", "The JAR file; excludes class."),
    class: string("class", "The main class."),
    class_path: string("class_path", "Where classes are found."),
    args: strings("args", "Arguments of the program."),
    jvm_options: strings("jvm_options", "Options of the virtual machine."),
    ...isolation(),
  }),
  qemu: driver("qemu", "Runs a virtual machine.", {
    image_path: string("image_path", "The disk image.", { required: true }),
    args: strings("args", "Further arguments for QEMU."),
    accelerator: string("accelerator", "tcg or kvm."),
    emulator: string("emulator", "Which QEMU program."),
    machine_type: string("machine_type", "The type of machine."),
    drive_interface: string("drive_interface", "How the disk is attached."),
    graceful_shutdown: bool("graceful_shutdown", "Ask the machine to shut down before it is killed."),
    guest_agent: bool("guest_agent", "Talk to the agent inside the machine."),
    port_map: portMap("qemu"),
  }),
  docker: driver("docker", "Runs a container.", {
    ...container(),
    ...containerNetwork(),
    ...containerSystem(),
  }),
  mock_driver: { ...driver("mock_driver", "Pretends to run something; for tests.", {}), free: "anything" },
};

function driver(name: string, doc: string, fields: Readonly<Record<string, Field>>): BlockSchema {
  return { page: `job-declare/task-driver/${name}`, doc, fields };
}

function command() {
  return {
    command: string("command", "The program.", { required: true }),
    args: strings("args", "Its arguments."),
  };
}

function isolation() {
  return {
    work_dir: string("work_dir", "The working directory."),
    pid_mode: string("pid_mode", "private or host: whether other processes are seen."),
    ipc_mode: string("ipc_mode", "private or host: whether memory can be shared with others."),
    cap_add: strings("cap_add", "Capabilities to add."),
    cap_drop: strings("cap_drop", "Capabilities to drop."),
  };
}

/** `name { key = "text" }` or `name = { key = "text" }`; the JSON holds a list of maps either way. */
function textsOf(page: string, name: string, doc: string): BlockField {
  return many(name, texts(`job-declare/task-driver/${page}`, doc));
}

function portMap(page: string): BlockField {
  return {
    ...textsOf(page, "port_map", "Which port inside belongs to which port label."),
    deprecated: "Say to = … in the port of the group's network, and ports = [ … ] here.",
  };
}

function nested(doc: string, fields: Readonly<Record<string, Field>>): BlockSchema {
  return { page: "job-declare/task-driver/docker", doc, fields };
}

function container() {
  return {
    image: string("image", "The image.", { required: true }),
    command: string("command", "The program, instead of the image's."),
    args: strings("args", "Its arguments."),
    entrypoint: strings("entrypoint", "What comes before the command, instead of the image's."),
    work_dir: string("work_dir", "The working directory."),
    load: string("load", "An archive from which the image is loaded."),
    force_pull: bool("force_pull", "Fetch the image even if it is there."),
    image_pull_timeout: string("image_pull_timeout", "How long fetching the image may take."),
    auth: one(
      "auth",
      nested("How to log in to the registry.", {
        username: string("username", "The user."),
        password: string("password", "The password."),
        email: string("email", "The address of the user."),
        server_address: string("server_address", "The registry."),
      }),
    ),
    auth_soft_fail: bool("auth_soft_fail", "Try without logging in if logging in fails."),
    labels: textsOf("docker", "labels", "Labels of the container."),
    logging: one(
      "logging",
      nested("Where the output goes.", {
        type: string("type", "The kind of log."),
        driver: string("driver", "The kind of log."),
        config: textsOf("docker", "config", "Settings of it."),
      }),
    ),
    healthchecks: one(
      "healthchecks",
      nested("The checks that the image brings.", {
        disable: bool("disable", "Leave them out."),
      }),
    ),
    interactive: bool("interactive", "Keep its standard input open."),
    tty: bool("tty", "Give it a terminal."),
    init: bool("init", "Run a small init first."),
    runtime: string("runtime", "Which runtime."),
    container_exists_attempts: integer("container_exists_attempts", "How often to try if the name is taken."),
  };
}

function containerNetwork() {
  return {
    ports: strings("ports", "The port labels that are mapped to the container."),
    port_map: portMap("docker"),
    network_mode: string("network_mode", "Which network."),
    network_aliases: strings("network_aliases", "Further names in the network."),
    hostname: string("hostname", "The host name."),
    ipv4_address: string("ipv4_address", "The address."),
    ipv6_address: string("ipv6_address", "The IPv6 address."),
    mac_address: string("mac_address", "The hardware address."),
    advertise_ipv6_address: bool("advertise_ipv6_address", "List the service with its IPv6 address."),
    dns_servers: strings("dns_servers", "Name servers."),
    dns_search_domains: strings("dns_search_domains", "Domains that are appended to short names."),
    dns_options: strings("dns_options", "Options of the resolver."),
    extra_hosts: strings("extra_hosts", "Further lines for /etc/hosts, as name:address."),
  };
}

function mount(): BlockSchema {
  return nested("Something that appears in the container's file system.", {
    type: string("type", "volume, bind or tmpfs."),
    source: string("source", "What appears."),
    target: string("target", "Where it appears."),
    readonly: bool("readonly", "It cannot be written to."),
    bind_options: one(
      "bind_options",
      nested("For bind.", {
        propagation: string("propagation", "Which later mounts are seen on the other side."),
      }),
    ),
    tmpfs_options: one(
      "tmpfs_options",
      nested("For tmpfs.", {
        size: integer("size", "Its size in bytes."),
        mode: integer("mode", "Its mode."),
      }),
    ),
    volume_options: one(
      "volume_options",
      nested("For volume.", {
        no_copy: bool("no_copy", "Begin empty."),
        labels: textsOf("docker", "labels", "Labels of the volume."),
        driver_config: one(
          "driver_config",
          nested("Who provides it.", {
            name: string("name", "The provider."),
            options: textsOf("docker", "options", "Its options."),
          }),
        ),
      }),
    ),
  });
}

function containerSystem() {
  return {
    volumes: strings("volumes", "Directories that appear in the container, as source:target."),
    volume_driver: string("volume_driver", "Who provides the volumes."),
    mount: many("mount", mount()),
    mounts: many("mounts", mount()),
    devices: many(
      "devices",
      nested("A device of the node.", {
        host_path: string("host_path", "Its path on the node."),
        container_path: string("container_path", "Its path in the container."),
        cgroup_permissions: string("cgroup_permissions", "What may be done with it, of r, w and m."),
      }),
    ),
    privileged: bool("privileged", "Give it all rights on the node."),
    cap_add: strings("cap_add", "Capabilities to add."),
    cap_drop: strings("cap_drop", "Capabilities to drop."),
    group_add: strings("group_add", "Further groups of its user."),
    security_opt: strings("security_opt", "Options for SELinux, AppArmor and seccomp."),
    readonly_rootfs: bool("readonly_rootfs", "Its file system cannot be written to."),
    shm_size: integer("shm_size", "The size of /dev/shm in bytes."),
    storage_opt: textsOf("docker", "storage_opt", "Options of its file system."),
    sysctl: textsOf("docker", "sysctl", "Settings of the kernel."),
    ulimit: textsOf("docker", "ulimit", "Limits of its processes, as soft:hard."),
    cpu_hard_limit: bool("cpu_hard_limit", "Never give it more than it asked for."),
    cpu_cfs_period: integer("cpu_cfs_period", "The period of that limit in microseconds."),
    cpuset_cpus: string("cpuset_cpus", "The cores that it may use."),
    memory_hard_limit: integer("memory_hard_limit", "The most memory it may use.", { unit: "MB" }),
    oom_score_adj: integer("oom_score_adj", "How readily the kernel ends it when memory is short."),
    pids_limit: integer("pids_limit", "How many processes it may have."),
    pid_mode: string("pid_mode", "Which processes it sees."),
    ipc_mode: string("ipc_mode", "With whom it shares memory."),
    uts_mode: string("uts_mode", "With whom it shares the host name."),
    userns_mode: string("userns_mode", "With whom it shares user numbers."),
    cgroupns: string("cgroupns", "With whom it shares cgroups."),
    isolation: string("isolation", "hyperv or process, on Windows."),
  };
}
