import { readSettings } from "../config/config.ts";
import { runningIn } from "../data-directory.ts";
import { reachable } from "../free-port.ts";

/** `fractus env`: prints what a shell has to source so that clients find the cloud: `eval "$(fractus env)"`. */
export async function env(argv: readonly string[], say: (line: string) => void): Promise<number> {
  const settings = readSettings(argv);
  const running = runningIn(settings.dataDirectory);
  const address = running?.address ?? `http://${reachable(settings.host)}:${settings.httpPort}`;
  if (!running) say("# The cloud does not run; this is where it will be.");
  say(`export FRACTUS_ADDR=${address}`);
  say(`export NOMAD_ADDR=${address}`);
  return 0;
}
