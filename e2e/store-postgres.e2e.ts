import { after, test } from "node:test";
import { openStore } from "@fractals/store/store.ts";
import { storeSuite } from "@fractals/store/store-suite.ts";
import { postgresPrograms, startPostgres } from "./postgres.ts";

const missing = postgresPrograms() === undefined && process.env["FRACTUS_REQUIRE_ALL"] !== "1";

if (missing) test("store: PostgreSQL", { skip: "needs PostgreSQL, which this machine lacks" }, () => {});
else {
  const postgres = await startPostgres();
  after(() => postgres.stop());
  storeSuite("PostgreSQL", async (use) => {
    const store = await openStore(postgres.database());
    try {
      await use(store);
    } finally {
      await store.close();
    }
  });
}
