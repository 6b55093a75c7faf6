import type { Client } from "@fractus/client/client.ts";
import { ApiError } from "@fractus/client/error.ts";
import { useEffect, useState, type DragEvent, type KeyboardEvent } from "react";
import { wordsOf } from "./action.tsx";
import { CommandLine } from "./command-line.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { Panel } from "./parts.tsx";
import { planFile, runPlanned, type Planned } from "./plan-file.ts";
import { PlanView } from "./plan-view.tsx";
import { jobAddress } from "./route.ts";
import { exampleJob, strings } from "./strings.ts";
import { goTo } from "./use-route.ts";

const words = strings.run;

/** A job file, what it would bring about, and then the deed. */
export function RunPage({ from, namespace }: { from: string; namespace: string }) {
  const { client } = useSession();
  const [text, setText] = useState("");
  const [variables, setVariables] = useState("");
  const [note, setNote] = useState("");
  const [planned, setPlanned] = useState<Planned>();
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    if (from === "") return;
    sourceOf(client, from, namespace).then(
      (source) => (setText(source.text), setVariables(source.variables), setNote(source.note)),
      (error: unknown) => setFault(wordsOf(error)),
    );
  }, [client, from, namespace]);
  const attempt = async (deed: () => Promise<void>) => {
    setBusy(true);
    setFault("");
    await deed().catch((error: unknown) => setFault(wordsOf(error)));
    setBusy(false);
  };
  const file = { text, variables };
  const plan = () => attempt(async () => setPlanned(await planFile(client, file)));
  const isFresh = planned?.file.text === text && planned.file.variables === variables;
  const run = () =>
    attempt(async () => {
      const { id, namespace: where } = await runPlanned(client, planned!);
      goTo(jobAddress(id, where));
    });
  const whyNot = planned === undefined ? words.planFirst : isFresh ? undefined : words.changed;
  return (
    <>
      <h1>{words.heading}</h1>
      {note && <p className="lead">{note}</p>}
      <div className="run">
        <FileField text={text} setText={setText} onPlan={() => void plan()} />
        <details className="variables" open={variables !== "" || undefined}>
          <summary>{words.variables}</summary>
          <textarea
            className="mono"
            rows={3}
            aria-label={words.variables}
            placeholder={words.variablesHint}
            value={variables}
            onChange={(event) => setVariables(event.target.value)}
          />
        </details>
        <div className="buttons">
          <button
            type="button"
            className={`button ${isFresh ? "" : "is-main"}`}
            disabled={isBusy || text.trim() === ""}
            onClick={() => void plan()}
          >
            {words.plan}
          </button>
          <button
            type="button"
            className={`button ${isFresh ? "is-main" : ""}`}
            disabled={isBusy || whyNot !== undefined}
            title={whyNot}
            onClick={() => void run()}
          >
            {words.run}
          </button>
          <CommandLine line={isFresh ? commands.runFile() : commands.planFile()} />
          {whyNot && text.trim() !== "" && <span className="soft">{whyNot}</span>}
        </div>
        {fault && <pre className="fault mono">{fault}</pre>}
        {planned && isFresh && (
          <Panel title={words.planned}>
            <PlanView plan={planned.plan} />
          </Panel>
        )}
      </div>
    </>
  );
}

function FileField({
  text,
  setText,
  onPlan,
}: {
  text: string;
  setText: (text: string) => void;
  onPlan: () => void;
}) {
  const take = (file: File | undefined) => void file?.text().then(setText);
  const onDrop = (event: DragEvent) => {
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    take(file);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onPlan();
  };
  return (
    <div className="file">
      <div className="toolbar">
        <button type="button" className="quiet" onClick={() => setText(exampleJob)}>
          {words.example}
        </button>
        <label className="quiet file-open">
          {words.open}
          <input type="file" onChange={(event) => take(event.target.files?.[0])} />
        </label>
      </div>
      <textarea
        className="mono"
        aria-label={words.label}
        placeholder={words.hint}
        spellCheck={false}
        rows={Math.min(30, Math.max(14, text.split("\n").length + 1))}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onDrop={onDrop}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** The file that a job was made from; without one, the job as the server holds it. */
async function sourceOf(client: Client, id: string, namespace: string) {
  const job = await client.jobs.get(id, { namespace });
  try {
    const { Source: text, Variables } = await client.jobs.submission(id, job.Version, { namespace });
    return { text, variables: Variables ?? "", note: words.from(id) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return { text: JSON.stringify({ Job: job }, undefined, 2), variables: "", note: words.noSource(id) };
  }
}
