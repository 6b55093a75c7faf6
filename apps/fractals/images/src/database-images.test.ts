import { deleteImage, getImage, imageKeys, putImage } from "@fractals/store/images.ts";
import { openStore } from "@fractals/store/store.ts";
import { databaseImages } from "./database-images.ts";
import { imageStoreSuite } from "./image-store-suite.ts";

imageStoreSuite("database", async (use) => {
  const { db, close } = await openStore("sqlite://");
  try {
    await use(
      databaseImages({
        put: (key, bytes) => putImage(db, key, bytes),
        get: (key) => getImage(db, key),
        delete: (key) => deleteImage(db, key),
        keys: () => imageKeys(db),
      }),
    );
  } finally {
    await close();
  }
});
