/**
 * A server as small as they come, as a process of its own: prints its port, answers with its name, and ends
 * on SIGTERM once what it has begun is answered.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [name = "backend"] = process.argv.slice(2);
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.end(name));
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.on("SIGTERM", () => server.close());
