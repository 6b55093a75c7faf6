/** `faafo`: the program. */
import module from "node:module";

module.enableCompileCache();
const { main } = await import("./main.ts");
process.exitCode = await main("faafo", process.argv.slice(2));
