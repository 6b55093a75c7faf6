/** `nomad`: the same client under the name that documents and scripts call it by. */
import module from "node:module";

module.enableCompileCache();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2), "nomad");
