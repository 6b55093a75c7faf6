import { useState } from "react";
import { usePage } from "./context.tsx";
import { Icon } from "./icons.tsx";
import { strings } from "./strings.ts";

/** A line for a terminal, and a button that copies it. */
export function CopyableLine({ name, line }: { name: string; line: string }) {
  const { copied, copy } = useCopy();
  const label = copied ? strings.copy.copied : strings.copy.copy;
  return (
    <div className="line">
      <span className="line-name">{name}</span>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long line is scrolled by keyboard */}
      <code tabIndex={0}>{line}</code>
      <button
        type="button"
        className="icon-button"
        aria-label={`${label}: ${name}`}
        title={label}
        onClick={() => void copy(line)}
      >
        <Icon name={copied ? "check" : "copy"} />
      </button>
    </div>
  );
}

const shownMs = 1600;

/** Copies text; `copied` is true for a moment afterwards. */
export function useCopy(): { copied: boolean; copy: (text: string) => Promise<boolean> } {
  const { toasts } = usePage();
  const [copied, setCopied] = useState(false);
  const copy = async (text: string) => {
    const succeeded = await toClipboard(text);
    if (!succeeded) toasts.show(strings.fractal.notCopied, "error");
    setCopied(succeeded);
    setTimeout(() => setCopied(false), shownMs);
    return succeeded;
  };
  return { copied, copy };
}

/** The clipboard is closed to pages over plain HTTP; a selected field is the way that is left there. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    // oxlint-disable-next-line typescript/no-deprecated -- there is no other way without a secure context
    const succeeded = document.execCommand("copy");
    field.remove();
    return succeeded;
  }
}
