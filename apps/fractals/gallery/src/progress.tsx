import { strings } from "./strings.ts";

/** How much is drawn; a line that wanders while nobody knows. */
export function ProgressLine({ progress }: { progress: number | null }) {
  const percent = progress === null ? undefined : Math.round(progress * 100);
  return (
    <span
      className={percent === undefined ? "progress progress-open" : "progress"}
      role="progressbar"
      aria-label={strings.workers.progress}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ transform: `scaleX(${progress ?? 0.3})` }} />
    </span>
  );
}
