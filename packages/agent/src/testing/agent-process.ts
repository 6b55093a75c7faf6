/** A real agent in a process of its own, so that it can be killed. Its control is the process that started it. */
import { systemClock } from "@fractus/core/clock.ts";
import { seededDice } from "@fractus/core/dice.ts";
import { rawExecDriver } from "@fractus/drivers/raw-exec.ts";
import { defaultArtifactLimits } from "../artifacts/limits.ts";
import { defaultNodeSettings } from "../node/settings.ts";
import { startAgent } from "../parts.ts";
import { parentControl } from "./ipc-control.ts";

const [directory, path] = process.argv.slice(2);

await startAgent({
  directory,
  link: parentControl(),
  drivers: [rawExecDriver()],
  node: defaultNodeSettings("killed-often"),
  clock: systemClock,
  dice: seededDice(Date.now()),
  log: (line) => void process.stderr.write(`${line}\n`),
  artifacts: { limits: defaultArtifactLimits, allowsLocalSources: false },
  hostEnvironment: { PATH: path },
});
process.on("disconnect", () => process.exit());
