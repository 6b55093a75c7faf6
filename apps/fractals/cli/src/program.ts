import { randomInt } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import tab from "@bomb.sh/tab/commander";
import { ApiError, fractalsClient, type FractalsClient } from "@fractals/client/client.ts";
import { statuses, type Fractal, type ListOptions } from "@fractals/client/fractal.ts";
import { kinds } from "@fractals/kernel/picture.ts";
import { processLog, type Log } from "@fractals/program/log.ts";
import { Command, InvalidArgumentError, Option } from "commander";
import { environment } from "./config.ts";
import { createFractals, createOptions, type CreateFlags } from "./create.ts";
import { demoRequests } from "./demo.ts";
import { redraw } from "./redraw.ts";
import { showAllTable, showTable } from "./show.ts";
import { table } from "./table.ts";

interface GlobalFlags {
  readonly endpointUrl: string;
  readonly verbose?: true;
  readonly debug?: true;
  readonly json?: true;
}

/** What every command is given. */
export interface Context {
  readonly api: FractalsClient;
  readonly log: Log;
  readonly flags: GlobalFlags;
  readonly print: (text: string) => void;
}

/** The whole command line under the name it was called by: `faafo`, as in the tutorial, or `fractals`. */
export function commandLine(name: string): Command {
  const program = new Command(name)
    .description("Request fractals and look at them.")
    .option("--endpoint-url <url>", "where the API is ($FAAFO_ENDPOINT_URL)", environment.endpointUrl)
    .option("--verbose", "say what is done")
    .option("--debug", "say everything")
    .option("--json", "print JSON")
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false });

  addCreate(program);
  addList(program);
  addShow(program);
  addGet(program);
  addDelete(program);
  addRedraw(program);
  addDemo(program);
  program.addHelpText(
    "after",
    `
Examples:
  ${name} create --tasks 6 --watch                     six random fractals, with a progress bar
  ${name} create --kind mandelbrot --palette aurora --colouring smooth --samples 2 --wait
  ${name} list --status done --limit 5                 the five newest
  ${name} show UUID                                    what came of one
  ${name} get UUID --output fractal.png                its picture
  ${name} redraw fractal.png                           the same picture again, from the file alone
  source <(${name} complete bash)                      completion for this shell`,
  );
  tab(program);
  return program;
}

function addCreate(program: Command): void {
  const command = program
    .command("create")
    .description("request fractals; what is not given is chosen at random");
  for (const option of createOptions()) command.addOption(option);
  command.action(async (flags: CreateFlags) => createFractals(contextOf(program), flags));
}

function addDemo(program: Command): void {
  program
    .command("demo")
    .description("request a dozen fractals worth looking at")
    .action(async () => {
      const { api, flags, print } = contextOf(program);
      const created = await api.createMany(demoRequests(() => randomInt(2 ** 32) / 2 ** 32));
      print(flags.json ? JSON.stringify(created, null, 2) : created.map(({ uuid }) => uuid).join("\n"));
    });
}

function addList(program: Command): void {
  program
    .command("list")
    .description("list fractals, newest first")
    .addOption(new Option("--status <status>", "only those in this state").choices(statuses))
    .addOption(new Option("--kind <kind>", "only those of this formula").choices(kinds))
    .option("--sort <field>", "a field such as size; with - before it, descending", "-created_at")
    .option("--limit <n>", "at most so many", wholeNumber)
    .action(async (flags: Pick<ListOptions, "status" | "kind" | "sort"> & { limit?: number }) => {
      const { api, flags: global, print } = contextOf(program);
      const page = await api.list({ ...flags, resultsPerPage: flags.limit ?? -1 });
      if (global.json) return print(JSON.stringify(page.objects, null, 2));
      print(table(["UUID", "Dimensions", "Filesize", "Kind", "Status"], page.objects.map(listRow)));
    });
}

function listRow(fractal: Fractal): string[] {
  const size = fractal.size === null ? "-" : `${fractal.size} bytes`;
  return [fractal.uuid, `${fractal.width} x ${fractal.height} pixels`, size, fractal.kind, fractal.status];
}

function addShow(program: Command): void {
  program
    .command("show")
    .description("show the details of a fractal")
    .argument("<uuid>", "as list prints it")
    .option("--all", "every parameter")
    .action(async (uuid: string, flags: { all?: true }) => {
      const { api, flags: global, print } = contextOf(program);
      const fractal = await api.get(uuid);
      if (global.json) return print(JSON.stringify(fractal, null, 2));
      print(flags.all ? showAllTable(fractal) : showTable(fractal));
    });
}

function addGet(program: Command): void {
  program
    .command("get")
    .description("download the picture of a fractal")
    .argument("<uuid>", "as list prints it")
    .option("--output <file>", "where to write it; - for standard output; UUID.png otherwise")
    .action(async (uuid: string, flags: { output?: string }) => {
      const { api, print } = contextOf(program);
      const png = await api.image(uuid);
      const file = flags.output ?? `${uuid}.png`;
      if (file === "-") process.stdout.write(png);
      else {
        await writeFile(file, png);
        print(file);
      }
    });
}

function addDelete(program: Command): void {
  program
    .command("delete")
    .description("delete fractals and their pictures")
    .argument("<uuid...>", "as list prints them")
    .action(async (uuids: string[]) => {
      const { api, log } = contextOf(program);
      for (const uuid of uuids) {
        await api.delete(uuid);
        log.info(`deleted ${uuid}`);
      }
    });
}

function addRedraw(program: Command): void {
  program
    .command("redraw")
    .description("draw a picture again from the parameters that it carries, without any API")
    .argument("<file>", "a PNG of Fractals")
    .option("--output <file>", "where to write it; FILE-redrawn.png otherwise")
    .option("--check", "write nothing; fail unless the new picture is the same, byte for byte")
    .action(async (file: string, flags: { output?: string; check?: true }) => {
      const { print } = contextOf(program);
      const before = await readFile(file);
      const after = await redraw(before);
      if (flags.check) {
        if (!after.equals(before)) throw new ApiError(0, `${file} is not what its parameters draw.`);
        return print(`${file} is exactly what its parameters draw`);
      }
      const output = flags.output ?? `${file.replace(/\.png$/i, "")}-redrawn.png`;
      await writeFile(output, after);
      print(output);
    });
}

/** Log lines go to standard output, as in the tutorial, but not into JSON. */
function contextOf(program: Command): Context {
  const flags = program.opts<GlobalFlags>();
  const level = flags.debug ? "DEBUG" : flags.verbose ? "INFO" : "WARNING";
  return {
    api: fractalsClient(flags.endpointUrl),
    log: processLog("faafo.client", level, flags.json ? process.stderr : process.stdout),
    flags,
    print: (text) => void process.stdout.write(`${text}\n`),
  };
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
