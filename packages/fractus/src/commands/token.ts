import { readSettings } from "../config/config.ts";
import { identityOf, joinToken } from "../join/certificate.ts";

/** `fractus token`: prints what another machine needs to join the cloud of this data directory. It is a secret. */
export async function token(argv: readonly string[], say: (line: string) => void): Promise<number> {
  const { dataDirectory } = readSettings(argv);
  say(joinToken(await identityOf(dataDirectory)));
  return 0;
}
