/** `faafo-api`: the program. It opens what it needs, serves, and closes it all in the opposite order. */
import module from "node:module";

module.enableCompileCache();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
