import { driverSuite } from "./driver-suite.ts";
import { processSuite } from "./process-suite.ts";
import { rawExecDriver } from "./raw-exec.ts";
import { skipUnless } from "./testing/config.ts";
import { asShell } from "./testing/driver-bench.ts";

const skip = skipUnless(process.platform === "linux", "Linux");

const subject = {
  open: () => rawExecDriver(),
  program: asShell,
  module: import.meta.resolve("./raw-exec.ts"),
  factory: "rawExecDriver",
};

driverSuite("raw_exec", subject, { skip });
processSuite("raw_exec", subject, { skip });
