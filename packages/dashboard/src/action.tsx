import { ApiError } from "@fractus/client/error.ts";
import { useEffect, useId, useRef, useState } from "react";
import { CommandLine } from "./command-line.tsx";
import { useSession } from "./context.tsx";
import { strings } from "./strings.ts";

export interface Act {
  readonly name: string;
  /** The line for a terminal that does the same. */
  readonly line: string;
  readonly act: () => Promise<unknown>;
  /** Asked before it is done. */
  readonly sure?: string | undefined;
  /** Why it cannot be done now. */
  readonly whyNot?: string | undefined;
  readonly isDangerous?: boolean;
}

/** What can be done, each with its line for a terminal. */
export function Actions({ acts }: { acts: readonly Act[] }) {
  return (
    <ul className="actions">
      {acts.map((act) => (
        <li key={act.name}>
          <ActionButton {...act} />
          <CommandLine line={act.line} />
          {act.whyNot && <span className="soft">{act.whyNot}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Does it, after asking if it is to ask, and says how it went. */
export function ActionButton(props: Act) {
  const { name, line, sure, whyNot, isDangerous = false } = props;
  const [isAsking, setAsking] = useState(false);
  const { isBusy, perform } = usePerform(props);
  return (
    <>
      <button
        type="button"
        className={`button ${isDangerous ? "is-dangerous" : ""}`}
        title={whyNot ?? line}
        disabled={isBusy || whyNot !== undefined}
        onClick={() => (sure === undefined ? void perform() : setAsking(true))}
      >
        {name}
      </button>
      {isAsking && sure !== undefined && (
        <Question text={sure} act={props} onDo={() => void perform()} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

export function usePerform({ act, line }: Pick<Act, "act" | "line">) {
  const { toasts } = useSession();
  const [isBusy, setBusy] = useState(false);
  const perform = async () => {
    setBusy(true);
    try {
      await act();
      toasts.show(strings.done(line));
    } catch (error) {
      toasts.show(wordsOf(error), "error");
    }
    setBusy(false);
  };
  return { isBusy, perform };
}

export function wordsOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 0) return strings.errors.away;
  return error instanceof Error ? error.message : String(error);
}

function Question({
  text,
  act: { name, line, isDangerous },
  onDo,
  onClose,
}: {
  text: string;
  act: Act;
  onDo: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const decide = () => {
    onDo();
    onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <p id={id}>{text}</p>
      <CommandLine line={line} />
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          {strings.confirm.keep}
        </button>
        <button
          type="button"
          className={`button is-main ${isDangerous ? "is-dangerous" : ""}`}
          onClick={decide}
        >
          {name}
        </button>
      </div>
    </dialog>
  );
}
