import { readFileSync } from "node:fs";
import { arch } from "node:os";
import { layerOf } from "../packages/drivers/src/testing/docker-image.ts";
import { openTestRegistry, putImage } from "../packages/drivers/src/testing/registry.ts";

/**
 * A registry on loopback with an image in the place of nginx: a static web server that listens on port 80 of all
 * addresses, as that one does.
 */
export async function serveNginx(): Promise<{ readonly reference: string; close(): Promise<void> }> {
  const registry = await openTestRegistry();
  const layer = await layerOf([
    { name: "bin/", type: "directory" },
    { name: "www/", type: "directory" },
    { name: "tmp/", type: "directory", mode: 0o1777 },
    { name: "bin/busybox", text: readFileSync("/bin/busybox") },
    { name: "www/index.html", mode: 0o644, text: "<h1>Welcome to nginx!</h1>\n" },
  ]);
  const config = { Cmd: ["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"] };
  const architecture = arch() === "x64" ? "amd64" : arch();
  putImage(registry, { repository: "nginx", tag: "1.17.9", layers: [layer], config }, architecture);
  return { reference: `${registry.host}/nginx:1.17.9`, close: () => registry.close() };
}
