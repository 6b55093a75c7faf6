import { strings } from "./strings.ts";

/** How much is drawn; a line that wanders while nobody knows. */
export function ProgressLine({ progress }: { progress: number | null }) {
  return (
    <progress className="progress" aria-label={strings.workers.progress} value={progress ?? undefined} />
  );
}
