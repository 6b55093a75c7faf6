/** Draws pictures beside the page, so that the page stays quick. Several may be under way; each can be called off. */
import { drawPicture } from "@fractals/kernel/browser.ts";
import type { Picture } from "@fractals/kernel/picture.ts";

/** What the page sends: draw this, or never mind. */
export type PreviewOrder =
  | { readonly id: number; readonly picture: Picture }
  | { readonly id: number; readonly picture?: undefined };

/** What it gets back, once for each picture that is not called off. */
export type PreviewAnswer =
  | {
      readonly id: number;
      readonly width: number;
      readonly height: number;
      readonly rgba: Uint8ClampedArray<ArrayBuffer>;
    }
  | { readonly id: number; readonly error: string };

const underWay = new Map<number, AbortController>();

self.addEventListener("message", ({ data }: MessageEvent<PreviewOrder>) => {
  if (data.picture) void draw(data.id, data.picture);
  else underWay.get(data.id)?.abort();
});

async function draw(id: number, picture: Picture): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    const drawn = await drawPicture(picture, { signal: controller.signal });
    answer({ id, ...drawn }, [drawn.rgba.buffer]);
  } catch (error) {
    if (!controller.signal.aborted) answer({ id, error: String(error) });
  } finally {
    underWay.delete(id);
  }
}

function answer(message: PreviewAnswer, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}
