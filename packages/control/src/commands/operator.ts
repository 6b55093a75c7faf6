/** What concerns the whole cloud: how it schedules, and getting rid of what is over. */
import type { Context } from "../context.ts";
import type { SchedulerSettings } from "../state/records.ts";
import { collect } from "../loops/collect.ts";

/** @param checkIndex only if the settings were changed last at this index */
export function setSchedulerSettings(
  context: Context,
  wish: { readonly settings: SchedulerSettings; readonly checkIndex?: number },
): Promise<{ readonly isUpdated: boolean; readonly index: number }> {
  return context.ledger.transact("settings", (draft) => {
    const modifiedIndex = draft.state.settings.entry("scheduler")?.modifiedIndex ?? 0;
    if (wish.checkIndex !== undefined && wish.checkIndex !== modifiedIndex)
      return { isUpdated: false, index: draft.state.index };
    draft.put("settings", wish.settings);
    return { isUpdated: true, index: draft.index };
  });
}

/** Forgets everything that is over, however recent. */
export function collectEverything(context: Context): Promise<void> {
  return collect(context, { isForced: true });
}
