/**
 * What tasks of `raw_exec`, `exec` and `java` inherit from the machine: its environment without what is
 * likely to be a secret of the agent or of the machine, and without what would mislead a task:
 *
 * - the agent's own: `FRACTUS_*`, and `NOMAD_*` of a cloud that the agent itself may run in;
 * - accounts: `AWS_*`, `AZURE_*`, `ARM_*`, `GOOGLE_APPLICATION_CREDENTIALS`, `OS_*` (OpenStack), `VAULT_*`, `CONSUL_*`,
 *   `KUBECONFIG`, `SSH_AUTH_SOCK`, `DATABASE_URL`;
 * - anything called a `TOKEN`, `SECRET`, `PASSWORD`, `PASSWD`, `CREDENTIAL`, `API_KEY`, `ACCESS_KEY` or `PRIVATE_KEY`;
 * - `NODE_OPTIONS` and `NODE_CHANNEL_*`, which are meant for the agent's own process.
 *
 * After https://developer.hashicorp.com/nomad/docs/configuration/client#env-denylist
 */
export function inheritedEnvironment(
  host: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const env: Record<string, string> = { PATH: defaultPath };
  for (const [name, value] of Object.entries(host))
    if (value !== undefined && !denied.test(name)) env[name] = value;
  return env;
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const denied =
  /^(FRACTUS|NOMAD|AWS|AZURE|ARM|OS|VAULT|CONSUL|NODE_CHANNEL)_|^(GOOGLE_APPLICATION_CREDENTIALS|KUBECONFIG|SSH_AUTH_SOCK|DATABASE_URL|NODE_OPTIONS)$|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|ACCESS_KEY|PRIVATE_KEY/i;
