import { Transform } from "node:stream";
import { Refusal } from "@fractus/core/refusal.ts";

/** Lets bytes through until there are more than allowed: then it fails with a refusal. */
export function limitBytes(maxBytes: number, what: string): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= maxBytes) return done(null, chunk);
      done(new Refusal("invalid", `More than ${maxBytes} bytes are not allowed for ${what}.`));
    },
  });
}
