/** How important a line of the log is, least first. */
export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof logLevels)[number];

/** The lines of this process's log, as they are written. */
export interface LogFeed {
  /** Returns how to stop listening. */
  listen(listener: (line: { readonly level: LogLevel; readonly text: string }) => void): () => void;
}
