/** Numbers and times as people read them. */
import type { Fractal } from "@fractals/client/fractal.ts";
import type { Kind } from "@fractals/kernel/picture.ts";
import { strings } from "./strings.ts";

/** Seven significant digits at most, with a true minus sign. */
export function formatNumber(value: number): string {
  return minus(String(Number(value.toPrecision(7))));
}

/** `−0.4 + 0.6i` */
export function formatComplex({ cx, cy }: { cx: number; cy: number }, digits = 5): string {
  const short = (value: number) => String(Number(value.toPrecision(digits)));
  return `${minus(short(cx))} ${cy < 0 ? "−" : "+"} ${short(Math.abs(cy))}i`;
}

/** `12 kB`, `3.4 MB`; thousands, not 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `4 ms`, `1.25 s`, `3 min 20 s` */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 10) return `${Number(milliseconds.toFixed(1))} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 2 : 1))} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  const rest = Math.round(seconds) % 60;
  if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** What a picture is called: `Julia set −0.4 + 0.6i`, `Multibrot, power 4`. */
export function titleOf(picture: Pick<Fractal, "kind" | "cx" | "cy" | "power">): string {
  const detail = subtitleOf(picture);
  return detail ? `${strings.kinds[picture.kind]}, ${detail}` : strings.kinds[picture.kind];
}

/** What tells it from others of its kind; undefined where there is nothing. */
export function subtitleOf({
  kind,
  cx,
  cy,
  power,
}: Pick<Fractal, "kind" | "cx" | "cy" | "power">): string | undefined {
  if (kind === "julia") return `c = ${formatComplex({ cx, cy })}`;
  if (hasPower(kind)) return `n = ${power}`;
  return undefined;
}

export function hasPower(kind: Kind): boolean {
  return kind === "multibrot" || kind === "newton";
}

function minus(text: string): string {
  return text.replace("-", "−");
}
