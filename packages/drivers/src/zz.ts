import { openImages } from "./oci/images.ts";
import { dockerDriver } from "./docker/docker.ts";
import { openBench, asShell } from "./testing/driver-bench.ts";
import { systemLayers } from "./testing/docker-image.ts";
import { openTestRegistry, putImage } from "./testing/registry.ts";
import { readFileSync, rmSync, readdirSync } from "node:fs";
import { join } from "node:path";
const r = await openTestRegistry(); putImage(r, { repository: "a", tag: "1", layers: await systemLayers() }, "amd64");
const directory = "/tmp/zzd"; await openImages({ directory }).pull(`${r.host}/a:1`);
  const b = openBench({ open: () => dockerDriver({ directory }), program: asShell });
  const ms: number[] = [];
try {
  for (let i = 0; i < 25; i++) {
    const t0 = performance.now();
    const more = { ports: [{ label: "p", hostAddress: "127.0.0.1", hostPort: 25100 + i, containerPort: 80 }] };
    const h = await b.start({ ...asShell({ runsOn: true }), image: `${r.host}/a:1`, ports: ["p"] }, more);
    ms.push(performance.now() - t0);
    if (i === 24) {
      const [pid] = readFileSync(join(h.stateDirectory, "proxy"), "utf8").split(" ");
      console.log(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").split("\n").filter((l) => /^(Rss|Pss|Private_Dirty)/.test(l)).join(" "));
    }
  }
  console.log("docker+port", ms.sort((x, y) => x - y)[3].toFixed(0), "ms median");
} finally {
  await b.close();
await r.close(); rmSync(directory, { recursive: true });
}
