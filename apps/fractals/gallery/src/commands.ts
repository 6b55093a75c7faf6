/** The lines that do in a terminal what the page does. */
import type { FractalRequest } from "@fractals/client/fractal.ts";

/** Shows one fractal. */
export function showLines(endpoint: string, uuid: string): { faafo: string; curl: string } {
  const base = endpoint.replace(/\/+$/, "");
  return {
    faafo: `faafo --endpoint-url ${quote(base)} show ${quote(uuid)}`,
    curl: `curl -s ${quote(`${base}/v1/fractal/${encodeURIComponent(uuid)}`)}`,
  };
}

/** Requests one fractal. */
export function createLines(endpoint: string, request: FractalRequest): { faafo: string; curl: string } {
  const base = endpoint.replace(/\/+$/, "");
  const flags = Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name} ${quote(String(value))}`);
  const body = quote(JSON.stringify(request));
  return {
    faafo: [`faafo --endpoint-url ${quote(base)} create --tasks 1`, ...flags].join(" "),
    curl: `curl -s -H 'content-type: application/json' -d ${body} ${quote(`${base}/v1/fractal`)}`,
  };
}

/** Starts a worker beside the others; the page does not know where the queue is and names its usual place. */
export function workerLine(endpoint: string): string {
  const queue = `amqp://guest:guest@${new URL(endpoint).hostname}:5672/`;
  return `faafo-worker --endpoint-url ${quote(endpoint.replace(/\/+$/, ""))} --transport-url ${quote(queue)}`;
}

/** A word for a POSIX shell, quoted only where it must be. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
