/** Consul's service mesh: connect and everything below it. Carried through to the JSON, without effect. */
import {
  bool,
  duration,
  integer,
  integers,
  keyed,
  many,
  one,
  seconds,
  string,
  strings,
  type BlockSchema,
} from "./block.ts";
import { identity } from "./credentials.ts";
import { logs } from "./files.ts";
import { meta, passedThrough, texts } from "./free.ts";
import { resources, volumeMount } from "./resources.ts";

const exposePath: BlockSchema = {
  page: "expose",
  doc: "A path that is reached past the proxy.",
  fields: {
    path: string("Path", "The path."),
    protocol: string("Protocol", "http or http2."),
    local_path_port: integer("LocalPathPort", "The port of the task."),
    listener_port: string("ListenerPort", "The label of the port on which the proxy listens."),
  },
};

const expose: BlockSchema = {
  page: "expose",
  doc: "Paths that are reached past the proxy.",
  fields: { path: many("Paths", exposePath) },
};

const meshGateway: BlockSchema = {
  page: "upstreams",
  doc: "Through which gateway other datacenters are reached.",
  fields: { mode: string("Mode", "none, local or remote.") },
};

const upstreams: BlockSchema = {
  page: "upstreams",
  doc: "A service that the task reaches through the proxy.",
  fields: {
    destination_name: string("DestinationName", "The service."),
    destination_namespace: string("DestinationNamespace", "Its namespace."),
    destination_peer: string("DestinationPeer", "Its cluster peer."),
    destination_partition: string("DestinationPartition", "Its partition."),
    destination_type: string("DestinationType", "service or prepared_query."),
    local_bind_port: integer("LocalBindPort", "The port at which the task finds it."),
    local_bind_address: string("LocalBindAddress", "The address at which the task finds it."),
    local_bind_socket_path: string("LocalBindSocketPath", "The socket at which the task finds it."),
    local_bind_socket_mode: string("LocalBindSocketMode", "The mode of the socket."),
    datacenter: string("Datacenter", "Its datacenter."),
    mesh_gateway: one("MeshGateway", meshGateway),
    config: one("Config", passedThrough("upstreams", "Settings of the proxy.")),
  },
};

const transparentProxy: BlockSchema = {
  page: "transparent_proxy",
  doc: "All traffic of the allocation goes through the proxy.",
  fields: {
    uid: string("UID", "The user that the proxy runs as."),
    outbound_port: integer("OutboundPort", "The port of the proxy for outgoing traffic."),
    exclude_inbound_ports: strings("ExcludeInboundPorts", "Ports that are reached directly."),
    exclude_outbound_ports: integers("ExcludeOutboundPorts", "Ports that the task reaches directly."),
    exclude_outbound_cidrs: strings("ExcludeOutboundCIDRs", "Addresses that the task reaches directly."),
    exclude_uids: strings("ExcludeUIDs", "Users whose traffic goes out directly."),
    no_dns: bool("NoDNS", "Do not redirect questions for names."),
  },
};

const proxy: BlockSchema = {
  page: "proxy",
  doc: "How the proxy beside the task is set up.",
  fields: {
    local_service_address: string("LocalServiceAddress", "Where the task listens."),
    local_service_port: integer("LocalServicePort", "The port where the task listens."),
    upstreams: many("Upstreams", upstreams),
    expose: one("Expose", expose),
    transparent_proxy: one("TransparentProxy", transparentProxy),
    config: one("Config", passedThrough("proxy", "Settings of the proxy.")),
  },
};

const sidecarService: BlockSchema = {
  page: "sidecar_service",
  doc: "The proxy beside the task, as a service.",
  fields: {
    tags: strings("Tags", "Its tags."),
    port: string("Port", "Its port."),
    disable_default_tcp_check: bool("DisableDefaultTCPCheck", "Do not check its port."),
    meta: one("Meta", meta),
    proxy: one("Proxy", proxy),
  },
};

const sidecarTask: BlockSchema = {
  page: "sidecar_task",
  doc: "The proxy beside the task, as a task.",
  fields: {
    name: string("Name", "Its name."),
    driver: string("Driver", "Its driver."),
    user: string("User", "Its user."),
    config: one("Config", passedThrough("sidecar_task", "Settings of the driver.")),
    env: one("Env", texts("env", "Its environment.")),
    resources: one("Resources", resources),
    meta: one("Meta", meta),
    logs: one("LogConfig", logs),
    kill_timeout: duration("KillTimeout", "How long it may take to end.", { default: seconds(5) }),
    shutdown_delay: duration("ShutdownDelay", "The pause between leaving the catalog and ending."),
    kill_signal: string("KillSignal", "The signal that asks it to end."),
    volume_mount: many("VolumeMounts", volumeMount),
    identity: many("Identities", identity),
  },
};

const tls: BlockSchema = {
  page: "gateway",
  doc: "TLS of the gateway.",
  fields: {
    enabled: bool("Enabled", "Listen with TLS."),
    tls_min_version: string("TLSMinVersion", "The oldest version."),
    tls_max_version: string("TLSMaxVersion", "The newest version."),
    cipher_suites: strings("CipherSuites", "The cipher suites."),
    sds: one("SDS", {
      page: "gateway",
      doc: "Where certificates are found.",
      fields: {
        cluster_name: string("ClusterName", "The cluster that serves them."),
        cert_resource: string("CertResource", "Their name there."),
      },
    }),
  },
};

const headers: BlockSchema = {
  page: "gateway",
  doc: "Headers that are changed on the way.",
  fields: {
    add: one("Add", texts("gateway", "Headers to add.")),
    set: one("Set", texts("gateway", "Headers to set.")),
    remove: strings("Remove", "Headers to remove."),
  },
};

const ingressService: BlockSchema = {
  page: "gateway",
  doc: "A service that is reached through the gateway.",
  fields: {
    name: string("Name", "The service."),
    hosts: strings("Hosts", "The host names for it."),
    tls: one("TLS", tls),
    request_headers: one("RequestHeaders", headers),
    response_headers: one("ResponseHeaders", headers),
    max_connections: integer("MaxConnections", "How many connections at most.", { default: null }),
    max_pending_requests: integer("MaxPendingRequests", "How many requests may wait.", { default: null }),
    max_concurrent_requests: integer("MaxConcurrentRequests", "How many requests at the same time.", {
      default: null,
    }),
  },
};

const ingressListener: BlockSchema = {
  page: "gateway",
  doc: "A port of the gateway.",
  fields: {
    port: integer("Port", "The port."),
    protocol: string("Protocol", "tcp, http, http2 or grpc."),
    service: many("Services", ingressService),
  },
};

const linkedService: BlockSchema = {
  page: "gateway",
  doc: "A service outside the mesh.",
  fields: {
    name: string("Name", "The service."),
    ca_file: string("CAFile", "The authority whose certificates it shows."),
    cert_file: string("CertFile", "The certificate that is shown to it."),
    key_file: string("KeyFile", "The key of that certificate."),
    sni: string("SNI", "The host name that is asked for."),
  },
};

const gatewayProxy: BlockSchema = {
  page: "gateway",
  doc: "How the proxy of the gateway is set up.",
  fields: {
    connect_timeout: duration("ConnectTimeout", "How long connecting may take.", { default: null }),
    envoy_gateway_bind_tagged_addresses: bool(
      "EnvoyGatewayBindTaggedAddresses",
      "Bind the tagged addresses.",
    ),
    envoy_gateway_bind_addresses: keyed("EnvoyGatewayBindAddresses", {
      page: "gateway",
      doc: "An address to bind.",
      label: { name: "address name", json: "Name" },
      fields: { address: string("Address", "The address."), port: integer("Port", "The port.") },
    }),
    envoy_gateway_no_default_bind: bool("EnvoyGatewayNoDefaultBind", "Do not bind the usual address."),
    envoy_dns_discovery_type: string("EnvoyDNSDiscoveryType", "How names are resolved."),
    config: one("Config", passedThrough("gateway", "Settings of the proxy.")),
  },
};

const gateway: BlockSchema = {
  page: "gateway",
  doc: "The allocation is a gateway of the mesh.",
  fields: {
    proxy: one("Proxy", gatewayProxy),
    ingress: one("Ingress", {
      page: "gateway",
      doc: "A way into the mesh.",
      fields: { tls: one("TLS", tls), listener: many("Listeners", ingressListener) },
    }),
    terminating: one("Terminating", {
      page: "gateway",
      doc: "A way out of the mesh.",
      fields: { service: many("Services", linkedService) },
    }),
    mesh: one("Mesh", { page: "gateway", doc: "A way between meshes.", fields: {} }),
  },
};

export const connect: BlockSchema = {
  page: "connect",
  doc: "The service is part of Consul's mesh.",
  unsupported: "there is no service mesh here; let tasks talk over the network of the project",
  fields: {
    native: bool("Native", "The task speaks the protocol of the mesh itself."),
    sidecar_service: one("SidecarService", sidecarService),
    sidecar_task: one("SidecarTask", sidecarTask),
    gateway: one("Gateway", gateway),
  },
};
