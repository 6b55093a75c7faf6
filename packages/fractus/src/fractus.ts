/** `fractus`: the program. */
import module from "node:module";

const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  process.stderr.write(
    `Fractus needs Node 24; this is ${process.version}. "npm start" brings the right one.\n`,
  );
  process.exit(1);
}
module.enableCompileCache();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2), "fractus");
