import type { LogFeed } from "@fractus/nomad/log-feed.ts";
import type { Log } from "./log-file.ts";

/** A log whose lines can be listened to as they are written, too. What listens is called at once, and must not throw. */
export function listenedTo(log: Log): { readonly log: Log; readonly logFeed: LogFeed } {
  const listeners = new Set<Parameters<LogFeed["listen"]>[0]>();
  return {
    log(line, fields) {
      log(line, fields);
      if (listeners.size === 0) return;
      const rest = fields && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : "";
      const text = `${new Date().toISOString()} [INFO] ${line}${rest}`;
      for (const listener of listeners) listener({ level: "info", text });
    },
    logFeed: {
      listen(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}
