/** What `assembly/index.ts` exports. Addresses and sizes are in bytes. */
export interface Kernel {
  countRows(
    kind: number,
    power: number,
    xs: number,
    out: number,
    width: number,
    height: number,
    from: number,
    to: number,
    ya: number,
    yb: number,
    cx: number,
    cy: number,
    limit: number,
    long: number,
    scratch: number,
    roots: number,
    smooth: number,
  ): number;
  settleRows(
    kind: number,
    power: number,
    xs: number,
    counts: number,
    out: number,
    width: number,
    height: number,
    from: number,
    to: number,
    ya: number,
    yb: number,
    cx: number,
    cy: number,
    limit: number,
    inverseLog2: number,
  ): void;
  classicScanlines(counts: number, out: number, width: number, height: number): void;
}

/**
 * Compiles the kernel, in Node and in browsers alike.
 *
 * The file asks for shared memory, which threads need. A browser gives that only to pages that are
 * isolated from other origins, so for a memory of one's own the flag in the file is turned off: the
 * module holds no atomic instruction and is otherwise the same.
 */
export async function compileKernel({ shared }: { shared: boolean }): Promise<WebAssembly.Module> {
  const bytes = await kernelBytes();
  return WebAssembly.compile(shared ? bytes : withOwnMemory(bytes));
}

export function kernelOn(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
}

export const pageBytes = 65_536;

/** A memory of at least so many bytes. It can grow to 4 GiB, as the module declares. */
export function memoryOf(bytes: number, { shared }: { shared: boolean }): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes), maximum: 65_536, shared });
}

async function kernelBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL("../build/kernel.wasm", import.meta.url);
  // A bundler sees no import of a Node module here, and a browser has no `process`.
  const files = globalThis.process?.getBuiltinModule?.("node:fs");
  if (files !== undefined) return new Uint8Array(files.readFileSync(url));
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The kernel could not be loaded: ${answer.status} from ${url.href}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * Turns the import of a shared memory into that of a plain one: one bit of its limits.
 * Source: https://webassembly.github.io/spec/core/binary/modules.html#import-section
 */
function withOwnMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const name = [...new TextEncoder().encode("\x03env\x06memory"), 2];
  const at = bytes.findIndex((_, start) => name.every((byte, k) => bytes[start + k] === byte)) + name.length;
  if (bytes[at] !== 3) throw new Error("The kernel does not import a shared memory; was it built?");
  const changed = bytes.slice();
  changed[at] = 1;
  return changed;
}
