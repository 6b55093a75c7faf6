import type { Fractal } from "@fractals/client/fractal.ts";
import { table } from "./table.ts";

/** The tutorial's table of one fractal (CL-53), with its state and the reason on top until it is done. */
export function showTable(fractal: Fractal): string {
  return table(["Parameter", "Value"], [...unfinished(fractal), ...documented(fractal)]);
}

/** Every parameter there is. */
export function showAllTable(fractal: Fractal): string {
  const rest = Object.entries(fractal)
    .filter(
      ([name]) =>
        ![
          "uuid",
          "duration",
          "width",
          "height",
          "iterations",
          "xa",
          "xb",
          "ya",
          "yb",
          "size",
          "checksum",
        ].includes(name),
    )
    .map(([name, value]) => [name, text(value)]);
  return table(["Parameter", "Value"], [...documented(fractal), ...rest]);
}

function documented(fractal: Fractal): string[][] {
  return [
    ["uuid", fractal.uuid],
    ["duration", fractal.duration === null ? "-" : `${fractal.duration.toFixed(6)} seconds`],
    ["dimensions", `${fractal.width} x ${fractal.height} pixels`],
    ["iterations", String(fractal.iterations)],
    ["xa", String(fractal.xa)],
    ["xb", String(fractal.xb)],
    ["ya", String(fractal.ya)],
    ["yb", String(fractal.yb)],
    ["size", fractal.size === null ? "-" : `${fractal.size} bytes`],
    ["checksum", fractal.checksum ?? "-"],
  ];
}

function unfinished(fractal: Fractal): string[][] {
  if (fractal.status === "done") return [];
  return [["status", fractal.status], ...(fractal.error === null ? [] : [["error", fractal.error]])];
}

function text(value: string | number | object | null): string {
  if (value === null) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
