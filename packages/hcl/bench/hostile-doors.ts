/** All that can be done to a text, door by door, with the time that each takes. */
import { fixText } from "../src/fix.ts";
import { formatText } from "../src/format.ts";
import { parseHcl1 } from "../src/hcl1.ts";
import { parseJob } from "../src/job/parse-job.ts";
import { testCapabilities } from "../src/job/testing/capabilities.ts";
import { toHcl } from "../src/job/to-hcl.ts";
import { validateJob } from "../src/job/validate.ts";
import { parseAny } from "../src/parse-any.ts";
import { parseBody } from "../src/parse.ts";

export interface DoorTime {
  readonly door: string;
  readonly ms: number;
  /** Of the processor, whatever else the machine does meanwhile. */
  readonly cpuMs: number;
}

/** Sends a text through every door, and the job through those for jobs if it is one. */
export function timeDoors(text: string): DoorTime[] {
  const times: DoorTime[] = [];
  const timed = <Result>(door: string, action: () => Result): Result => {
    const start = performance.now();
    const before = process.cpuUsage();
    const result = action();
    const { user, system } = process.cpuUsage(before);
    times.push({ door, ms: performance.now() - start, cpuMs: (user + system) / 1000 });
    return result;
  };
  const options = { fileName: "hostile.nomad.hcl" };
  timed("parseBody", () => parseBody(text, options));
  timed("parseHcl1", () => parseHcl1(text, options));
  timed("parseAny", () => parseAny(text, options));
  timed("formatText", () => formatText(text));
  timed("fixText", () => fixText(text));
  const { job, origins } = timed("parseJob", () =>
    parseJob(text, { ...options, capabilities: testCapabilities }),
  );
  if (!job) return times;
  timed("validateJob", () => validateJob(job, origins));
  timed("toHcl", () => toHcl(job));
  return times;
}

/** The way that took longest. */
export function worstDoor(text: string): DoorTime {
  return timeDoors(text).reduce((worst, each) => (each.ms > worst.ms ? each : worst));
}
