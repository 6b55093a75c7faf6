import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { digestOf } from "../oci/digest.ts";
import { findTool, shell } from "../tools.ts";
import { tarOf } from "./tar.ts";
import type { TarEntry } from "./tar.ts";

/** What the suites of drivers call. */
const programs =
  "cat chown chroot cut env false grep head hostname id ls mknod mount printf readlink seq setsid sleep stty touch tr true tty umount wc".split(
    " ",
  );

export interface ImageLayer {
  readonly bytes: Buffer;
  readonly diffId: string;
}

/** A small system out of programs of this machine, with `/bin` and `/lib` as links, in two layers. */
export async function systemLayers(): Promise<ImageLayer[]> {
  const found = programs
    .map((name) => [name, findTool(name)] as const)
    .filter(([, path]) => path !== undefined);
  const files = new Map([
    ["usr/bin/sh", shell()],
    ...found.map(([name, path]) => [`usr/bin/${name}`, path ?? ""] as const),
  ]);
  for (const path of [...files.values()].flatMap(librariesOf)) files.set(inUsr(path), path);
  const links = ["bin", "lib", "lib64"].map((name): TarEntry => ({
    name,
    type: "symlink",
    linkname: `usr/${name}`,
  }));
  const system: TarEntry[] = [
    ...["usr/bin/", "usr/lib/", "usr/lib64/", "etc/", "root/", "usr/share/dict/"].map((name): TarEntry => ({
      name,
      type: "directory",
    })),
    { name: "tmp/", type: "directory", mode: 0o1777 },
    ...links,
    ...[...files].map(([name, path]) => ({ name, text: readFileSync(realpathSync(path)) })),
  ];
  const accounts: TarEntry[] = [
    { name: "etc/passwd", mode: 0o644, text: "root:x:0:0::/root:/bin/sh\nweb:x:1234:1235::/:/bin/sh\n" },
    { name: "etc/group", mode: 0o644, text: "root:x:0:\nweb:x:1235:\nlogs:x:77:web\n" },
    { name: "usr/share/common-licenses/GPL-2", mode: 0o644, text: "a text" },
  ];
  return Promise.all([system, accounts].map(layerOf));
}

export async function layerOf(entries: readonly TarEntry[]): Promise<ImageLayer> {
  const tar = await tarOf(entries);
  return { bytes: gzipSync(tar, { level: 1 }), diffId: digestOf(tar) };
}

/** What a program needs beside itself, where it looks for it. */
export function libraryEntries(program: string): TarEntry[] {
  return librariesOf(program).map((path) => ({ name: inUsr(path), text: readFileSync(realpathSync(path)) }));
}

function librariesOf(program: string): string[] {
  const text = execFileSync("ldd", [program], {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
  });
  return [...text.matchAll(/(?:=> |^\s*)(\/\S+) \(/gm)].map(([, path]) => path);
}

function inUsr(path: string): string {
  return path.startsWith("/usr/") ? path.slice(1) : `usr${path}`;
}
