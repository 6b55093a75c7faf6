import { checkPicture } from "@fractals/kernel/limits.ts";
import type { Picture } from "@fractals/kernel/picture.ts";

/** What travels through the queue: which fractal, and everything that decides its picture. */
export interface Task {
  readonly uuid: string;
  readonly picture: Picture;
}

/** A message as JSON, with the picture's fields beside the uuid as the tutorial's application wrote them. */
export function encodeTask(task: Task): Buffer {
  return Buffer.from(JSON.stringify({ uuid: task.uuid, ...task.picture }));
}

/** @throws {Error} when the message is not a task, naming what is wrong with it */
export function decodeTask(body: Uint8Array): Task {
  const message: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
  if (
    typeof message !== "object" ||
    message === null ||
    !("uuid" in message) ||
    typeof message.uuid !== "string"
  ) {
    throw new Error("The message has no uuid.");
  }
  const { uuid, ...picture } = message;
  return { uuid, picture: checkPicture(picture) };
}
