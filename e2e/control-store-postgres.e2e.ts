/** The rows of the control plane on Debian's PostgreSQL keep what they keep on SQLite. */
import { after, test } from "node:test";
import { openStore } from "../packages/store/src/open-store.ts";
import { storeSuite, suiteTables } from "../packages/store/src/store-suite.ts";
import { postgresPrograms, startPostgres } from "./postgres.ts";

const missing = postgresPrograms() === undefined && process.env["FRACTUS_REQUIRE_ALL"] !== "1";

if (missing)
  test("control store: PostgreSQL", { skip: "needs PostgreSQL, which this machine lacks" }, () => {});
else {
  const server = await startPostgres();
  after(() => server.stop());
  storeSuite("control store on PostgreSQL", async () => {
    const url = server.database();
    return { open: () => openStore(url, suiteTables), end: async () => {} };
  });
}
