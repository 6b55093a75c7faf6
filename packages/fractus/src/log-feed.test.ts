import assert from "node:assert/strict";
import { test } from "node:test";
import { listenedTo } from "./log-feed.ts";

test("log feed: a listener hears what is written while it listens, and the log has all of it", () => {
  const written: string[] = [];
  const heard: string[] = [];
  const { log, logFeed } = listenedTo((line) => written.push(line));
  log("before");
  const stop = logFeed.listen(({ level, text }) => heard.push(`${level} ${text}`));
  log("within", { node: "n1" });
  stop();
  log("after");
  assert.deepEqual(written, ["before", "within", "after"]);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /^info \d{4}-\S+Z \[INFO\] within \{"node":"n1"\}$/);
});
