/** `fractus doctor`: what this machine lacks, and what is lost without it. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { machineDrivers } from "../cloud.ts";
import { environment, readSettings } from "../config/config.ts";
import { runningIn } from "../data-directory.ts";
import { isPortFree } from "../free-port.ts";
import { holderOfPort } from "../process-table.ts";

interface Finding {
  readonly isWell: boolean;
  readonly words: string;
}

/** Resolves with 0 when nothing is lacking, else with 1. */
export async function doctor(argv: readonly string[], say: (line: string) => void): Promise<number> {
  const settings = readSettings(argv);
  const running = runningIn(settings.dataDirectory);
  const findings = [
    ...(await driverFindings(settings.dataDirectory)),
    ...toolFindings(),
    ...(running ? [] : await portFindings(settings)),
  ];
  say(
    running
      ? `The cloud runs as process ${running.process.pid} at ${running.address ?? "an address not known yet"}.`
      : "The cloud does not run here now.",
  );
  for (const { isWell, words } of findings) say(`${isWell ? "  ok  " : "  --  "}${words}`);
  return findings.every((one) => one.isWell) ? 0 : 1;
}

async function driverFindings(dataDirectory: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const driver of machineDrivers(dataDirectory, () => {})) {
    const { isHealthy, missing } = await driver.fingerprint();
    if (isHealthy && missing.length === 0) findings.push({ isWell: true, words: `driver ${driver.name}` });
    for (const { what, lost } of missing)
      findings.push({ isWell: false, words: `driver ${driver.name}: ${what} is missing. ${lost}` });
    if (!isHealthy && missing.length === 0)
      findings.push({ isWell: false, words: `driver ${driver.name} does not work here.` });
    await driver.close();
  }
  return findings;
}

const tools = [
  ["git", "Artifacts with git:: cannot be fetched."],
  ["xz", "Artifacts that end in .tar.xz cannot be unpacked."],
  ["bzip2", "Artifacts that end in .tar.bz2 cannot be unpacked."],
  ["tar", "fractus backup and restore do not work."],
] as const;

function toolFindings(): Finding[] {
  return tools.map(([name, lost]) => {
    const isThere = (environment.PATH ?? "")
      .split(delimiter)
      .some((directory) => isProgram(join(directory, name)));
    return { isWell: isThere, words: isThere ? `program ${name}` : `program ${name} is missing. ${lost}` };
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

async function portFindings(settings: {
  host: string;
  httpPort: number;
  port: number;
  amqpPort: number;
  dnsPort: number;
}): Promise<Finding[]> {
  const ports = [
    [settings.httpPort, "the cloud"],
    [settings.port, "the gallery"],
    [settings.amqpPort, "the message broker"],
    [settings.dnsPort, "names of services"],
  ] as const;
  const findings: Finding[] = [];
  for (const [port, purpose] of ports) {
    const isFree = port === 0 || (await isPortFree(settings.host, port));
    const holder = isFree ? "" : (holderOfPort(port) ?? "someone");
    findings.push({
      isWell: isFree,
      words: isFree
        ? `port ${port} for ${purpose}`
        : `port ${port} for ${purpose} is taken by ${holder}: another will be used.`,
    });
  }
  return findings;
}
