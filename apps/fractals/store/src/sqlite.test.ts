import { openStore } from "./store.ts";
import { storeSuite } from "./store-suite.ts";

storeSuite("SQLite", async (use) => {
  const store = await openStore("sqlite://");
  try {
    await use(store);
  } finally {
    await store.close();
  }
});
