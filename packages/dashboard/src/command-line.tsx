import { useState } from "react";
import { useSession } from "./context.tsx";
import { strings } from "./strings.ts";

/** A line for a terminal, and a button that copies it. */
export function CommandLine({ line }: { line: string }) {
  const { toasts } = useSession();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    const succeeded = await toClipboard(line);
    if (!succeeded) toasts.show(strings.copy.failed, "error");
    setCopied(succeeded);
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <span className="line">
      <code>{line}</code>
      <button
        type="button"
        className="quiet"
        aria-label={`${strings.copy.copy}: ${line}`}
        onClick={() => void copy()}
      >
        {isCopied ? strings.copy.copied : strings.copy.copy}
      </button>
    </span>
  );
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
