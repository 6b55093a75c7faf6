import { ApiError } from "@fractals/client/client.ts";
import type { FractalRequest } from "@fractals/client/fractal.ts";
import { useEffect, useMemo, useState, type FormEvent } from "react";
import { createLines } from "./commands.ts";
import { endpoint, usePage } from "./context.tsx";
import { CopyableLine } from "./copyable.tsx";
import { ColourFields, KindField, PowerField } from "./choice-fields.tsx";
import { ConstantField } from "./constant-field.tsx";
import {
  readForm,
  startValues,
  withGiven,
  withWindow,
  type Field,
  type FieldErrors,
  type FormValues,
  type Reading,
} from "./form.ts";
import { Icon } from "./icons.tsx";
import { DetailFields, SizeFields, WindowFields } from "./number-fields.tsx";
import { PreviewPane } from "./preview-pane.tsx";
import { formatRoute, newestFirst } from "./route.ts";
import { strings } from "./strings.ts";
import { newSeed } from "./tasks.ts";
import { goTo } from "./use-route.ts";
import { useSurprise } from "./use-surprise.ts";

/** What each group of fields gets: what is typed, what it means, what is wrong, and how to change it. */
export interface FieldsProps {
  readonly values: FormValues;
  readonly reading: Reading;
  readonly errors: FieldErrors;
  readonly change: (values: FormValues) => void;
}

/**
 * The form in which a fractal is composed, beside a preview that follows every change.
 *
 * @param props.from  the fractal to start from
 * @param props.given fields from the address
 */
export function NewPage(props: { from: string | undefined; given: Readonly<Record<string, string>> }) {
  const { values, change } = useValues(props.from, props.given);
  const [refused, setRefused] = useState<FieldErrors>({});
  const reading = useMemo(() => readForm(values, strings.form.notNumber), [values]);
  const fields: FieldsProps = {
    values,
    reading,
    errors: { ...refused, ...reading.errors },
    change: (next) => {
      setRefused({});
      change(next);
    },
  };
  const { submit, isBusy } = useSubmit(reading, setRefused);
  return (
    <form className="compose" noValidate onSubmit={(event) => void submit(event)}>
      <div className="compose-preview">
        <h1>{strings.form.heading}</h1>
        <PreviewPane
          picture={reading.picture}
          onWindow={(window) => fields.change(withWindow(values, window))}
        />
        <Submit isBusy={isBusy} reading={reading} />
      </div>
      <div className="compose-fields">
        <KindField {...fields} />
        {values.kind === "julia" && <ConstantField {...fields} />}
        <PowerField {...fields} />
        <ColourFields {...fields} />
        <SizeFields {...fields} />
        <DetailFields {...fields} />
        <WindowFields {...fields} />
        {reading.request && <Elsewhere request={reading.request} />}
      </div>
    </form>
  );
}

/** The typed values; they start from a fractal or the address, and are written back to the address. */
function useValues(from: string | undefined, given: Readonly<Record<string, string>>) {
  const { client, toasts } = usePage();
  const [values, setValues] = useState(() => withGiven(startValues(newSeed(Math.random)), given));
  useEffect(() => {
    if (from === undefined) return undefined;
    const controller = new AbortController();
    client.get(from, controller.signal).then(
      (fractal) => setValues((old) => withGiven(withGiven(old, { ...fractal }), given)),
      () => controller.signal.aborted || toasts.show(strings.form.prefillMissing, "error"),
    );
    return () => controller.abort();
  }, [client, toasts, from, given]);
  const [isTouched, setTouched] = useState(false);
  useEffect(() => {
    if (!isTouched) return undefined;
    const timer = setTimeout(() => {
      const typed = Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ""));
      history.replaceState(null, "", formatRoute({ page: "new", values: typed }));
    }, 300);
    return () => clearTimeout(timer);
  }, [values, isTouched]);
  const change = (next: FormValues) => {
    setTouched(true);
    setValues(next);
  };
  return { values, change };
}

/** Sends the form, or shows the reader to the first field that is wrong. */
function useSubmit(reading: Reading, setRefused: (errors: FieldErrors) => void) {
  const { client, live, toasts } = usePage();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { request, errors } = reading;
    if (request === undefined) return showField(Object.keys(errors)[0]);
    setBusy(true);
    try {
      const fractal = await client.create(request);
      live.learn({ type: "fractal", fractal });
      goTo({ page: "fractal", uuid: fractal.uuid });
    } catch (error) {
      const refusal = error instanceof ApiError ? error : undefined;
      if (refusal?.field) {
        setRefused({ [refusal.field]: refusal.message });
        showField(refusal.field);
      } else toasts.show(refusal?.message ?? strings.errors.unreachable, "error");
    } finally {
      setBusy(false);
    }
  };
  return { submit, isBusy };
}

function showField(field: string): void {
  const element = document.querySelector<HTMLElement>(`[name="${field}"]`);
  element?.closest("details")?.setAttribute("open", "");
  element?.focus();
}

function Submit({ isBusy, reading }: { isBusy: boolean; reading: Reading }) {
  const { surprise, isBusy: isSurprising } = useSurprise();
  const wrong = Object.keys(reading.errors)[0];
  return (
    <div className="compose-submit">
      <button type="submit" className="button button-main" disabled={isBusy}>
        {isBusy ? strings.form.creating : strings.form.create}
      </button>
      <button
        type="button"
        className="button"
        title={strings.form.surpriseHint}
        disabled={isSurprising}
        onClick={() =>
          void surprise().then((isDone) => isDone && goTo({ page: "gallery", view: newestFirst }))
        }
      >
        <Icon name="spark" />
        {strings.form.surprise}
      </button>
      {wrong !== undefined && <p className="field-error">{strings.form.fixFirst(nameOf(wrong))}</p>}
    </div>
  );
}

function nameOf(field: string): string {
  const names = strings.form as unknown as Partial<Record<Field, string>>;
  return names[field as Field] ?? field;
}

function Elsewhere({ request }: { request: FractalRequest }) {
  const { faafo, curl } = createLines(endpoint, request);
  return (
    <fieldset className="group">
      <legend>{strings.form.elsewhere}</legend>
      <CopyableLine name="faafo" line={faafo} />
      <CopyableLine name="curl" line={curl} />
    </fieldset>
  );
}
