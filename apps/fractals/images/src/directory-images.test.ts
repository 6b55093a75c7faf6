import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryImages } from "./directory-images.ts";
import { imageStoreSuite } from "./image-store-suite.ts";

imageStoreSuite("directory", async (use) => {
  const directory = await mkdtemp(join(tmpdir(), "images-"));
  try {
    await use(await directoryImages(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
});
