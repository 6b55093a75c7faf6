import type { Fractal, FractalRequest } from "@fractals/client/fractal.ts";
import { useRef, useState } from "react";
import { imageAddress, useAttempt, usePage } from "./context.tsx";
import { useCopy } from "./copyable.tsx";
import { Icon } from "./icons.tsx";
import { formatRoute, newestFirst } from "./route.ts";
import { strings } from "./strings.ts";
import { again, similar } from "./tasks.ts";
import { goTo } from "./use-route.ts";

/** What can be done with a fractal. After deleting it, the reader is at `next`. */
export function FractalActions({ fractal, next }: { fractal: Fractal; next: Fractal | undefined }) {
  const { toasts } = usePage();
  const { copied, copy } = useCopy();
  const { request, isBusy } = useRequest();
  const isDone = fractal.status === "done";
  const copyLink = async () => {
    if (await copy(location.href)) toasts.show(strings.fractal.linkCopied);
  };
  return (
    <div className="fractal-actions">
      <a
        className={isDone ? "button button-main" : "button button-main is-disabled"}
        href={isDone ? imageAddress(fractal.uuid) : undefined}
        download={`${fractal.uuid}.png`}
        aria-disabled={!isDone}
        title={isDone ? undefined : strings.fractal.noPicture}
      >
        <Icon name="download" />
        {strings.fractal.download}
      </a>
      <button type="button" className="button" onClick={() => void copyLink()}>
        <Icon name={copied ? "check" : "link"} />
        {strings.fractal.copyLink}
      </button>
      <button
        type="button"
        className="button"
        disabled={isBusy}
        title={strings.fractal.againHint}
        onClick={() => void request(again(fractal))}
      >
        <Icon name="again" />
        {strings.fractal.again}
      </button>
      <button
        type="button"
        className="button"
        disabled={isBusy}
        title={strings.fractal.similarHint}
        onClick={() => void request(similar(fractal, Math.random))}
      >
        <Icon name="similar" />
        {strings.fractal.similar}
      </button>
      <a
        className="button"
        href={formatRoute({ page: "new", from: fractal.uuid, values: {} })}
        title={strings.fractal.changeHint}
      >
        <Icon name="change" />
        {strings.fractal.change}
      </a>
      <DeleteButton fractal={fractal} next={next} />
    </div>
  );
}

/** Asks for a fractal and goes to it. */
function useRequest(): { request: (request: FractalRequest) => Promise<void>; isBusy: boolean } {
  const { client, live, toasts } = usePage();
  const attempt = useAttempt();
  const [isBusy, setBusy] = useState(false);
  const request = async (wanted: FractalRequest) => {
    setBusy(true);
    const fractal = await attempt(() => client.create(wanted));
    setBusy(false);
    if (fractal === undefined) return;
    live.learn({ type: "fractal", fractal });
    toasts.show(strings.fractal.requested);
    goTo({ page: "fractal", uuid: fractal.uuid });
  };
  return { request, isBusy };
}

function DeleteButton({ fractal, next }: { fractal: Fractal; next: Fractal | undefined }) {
  const { client, live, toasts } = usePage();
  const attempt = useAttempt();
  const dialog = useRef<HTMLDialogElement>(null);
  const remove = async () => {
    dialog.current?.close();
    const { uuid } = fractal;
    const isDeleted = await attempt(async () => {
      await client.delete(uuid);
      return true;
    });
    if (!isDeleted) return;
    if (next) goTo({ page: "fractal", uuid: next.uuid });
    else goTo({ page: "gallery", view: newestFirst });
    live.learn({ type: "deleted", uuid });
    toasts.show(strings.fractal.deleted);
  };
  return (
    <>
      <button type="button" className="button button-danger" onClick={() => dialog.current?.showModal()}>
        <Icon name="delete" />
        {strings.fractal.delete}
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby="delete-title">
        <h2 id="delete-title">{strings.fractal.deleteTitle}</h2>
        <p>{strings.fractal.deleteText}</p>
        <div className="actions">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {strings.fractal.keep}
          </button>
          <button type="button" className="button button-danger-main" onClick={() => void remove()}>
            {strings.fractal.delete}
          </button>
        </div>
      </dialog>
    </>
  );
}
