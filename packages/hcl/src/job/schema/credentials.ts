/** Where a task gets its secrets and who it is: vault, consul, secret, identity. */
import { bool, duration, one, string, strings, type BlockSchema } from "./block.ts";
import { passedThrough, texts } from "./free.ts";

const changeMode = (defaultMode: string) =>
  string("ChangeMode", "What happens to the task when the credentials have changed.", {
    default: defaultMode,
    values: ["", "noop", "restart", "signal"],
  });

export const vault: BlockSchema = {
  page: "vault",
  doc: "A token of HashiCorp Vault for the task.",
  unsupported: "there is no Vault here",
  fields: {
    policies: strings("Policies", "The policies of the token.", {
      deprecated: "Say role instead; the task's identity decides.",
    }),
    role: string("Role", "The role that the task's identity asks for."),
    namespace: string("Namespace", "The namespace of Vault."),
    cluster: string("Cluster", "Which Vault.", { default: "default" }),
    env: bool("Env", "Set VAULT_TOKEN in the task's environment.", { default: true }),
    disable_file: bool("DisableFile", "Do not write the token into the directory for secrets."),
    change_mode: changeMode("restart"),
    change_signal: string("ChangeSignal", "The signal for the change mode signal.", { default: "SIGHUP" }),
    allow_token_expiration: bool("AllowTokenExpiration", "Do not renew the token."),
  },
};

export const consul: BlockSchema = {
  page: "consul",
  doc: "Which Consul the group or the task belongs to.",
  unsupported: "there is no Consul here",
  fields: {
    namespace: string("Namespace", "The namespace of Consul."),
    cluster: string("Cluster", "Which Consul.", { default: "default" }),
    partition: string("Partition", "The partition of Consul."),
  },
};

export const secret: BlockSchema = {
  page: "secret",
  doc: "A secret that is fetched for the task and can be interpolated as ${secret.NAME.KEY}.",
  label: { name: "secret name", json: "Name" },
  fields: {
    provider: string("Provider", "Who has the secret: nomad, vault, or the name of a plugin."),
    path: string("Path", "Where the provider keeps it."),
    config: one("Config", passedThrough("secret", "Settings of the provider.")),
    env: one("Env", texts("secret", "The environment of a plugin.")),
  },
};

export const identity: BlockSchema = {
  page: "identity",
  doc: "A token that says who the task is.",
  fields: {
    name: string("Name", "Its name; without one it is the default identity."),
    aud: strings("Audience", "For whom the token is meant."),
    change_mode: changeMode(""),
    change_signal: string("ChangeSignal", "The signal for the change mode signal."),
    env: bool("Env", "Set the token in the task's environment."),
    file: bool("File", "Write the token into the directory for secrets."),
    filepath: string("Filepath", "Where to write it, below the task's directory."),
    service_name: string("ServiceName", "The service that the token stands for."),
    ttl: duration("TTL", "How long the token is valid."),
    extra_claims: strings("ExtraClaims", "Further claims of the token."),
  },
};
