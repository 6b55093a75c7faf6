/** `faafo-worker`: the program. */
import module from "node:module";

module.enableCompileCache();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
