/** `npm run bench -- idle`: what Fractals costs while nobody asks for anything, process by process. */
import { readFileSync } from "node:fs";
import { startFractals } from "../start-fractals.ts";

const ticksPerSecond = 100;
const windowMs = 20_000;
const targetCpuPercent = 0.5;

interface Reading {
  readonly cpuSeconds: number;
  readonly residentMb: number;
}

function read(pid: number): Reading {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMb: Number(resident?.[1] ?? 0) / 1024,
  };
}

const fractals = await startFractals({ demo: true, workers: 2 });
try {
  console.log(`Letting it settle, then watching it for ${windowMs / 1000} s …`);
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const pids = { ...(await fractals.pids()) };
  const before = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, read(pid)]));
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const seconds = (performance.now() - startedAt) / 1000;
  const rows = Object.entries(pids).map(([name, pid]) => {
    const now = read(pid);
    return {
      name,
      percent: ((now.cpuSeconds - before[name].cpuSeconds) / seconds) * 100,
      residentMb: now.residentMb,
    };
  });
  const total = {
    name: "all",
    percent: sum(rows.map((row) => row.percent)),
    residentMb: sum(rows.map((row) => row.residentMb)),
  };
  console.log(`${"process".padEnd(12)}${"CPU".padStart(9)}${"resident".padStart(12)}`);
  for (const { name, percent, residentMb } of [...rows, total]) {
    console.log(
      `${name.padEnd(12)}${`${percent.toFixed(2)} %`.padStart(9)}${`${residentMb.toFixed(0)} MB`.padStart(12)}`,
    );
  }
  console.log(
    `target: under ${targetCpuPercent} % CPU in all: ${total.percent < targetCpuPercent ? "met" : "MISSED"}`,
  );
} finally {
  await fractals.stop();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
