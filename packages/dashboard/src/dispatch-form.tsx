import type { Job } from "@fractus/client/types/job.ts";
import { useState, type FormEvent } from "react";
import { usePerform } from "./action.tsx";
import { CommandLine } from "./command-line.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { strings } from "./strings.ts";

/** Launches a parameterized job with the metadata and the payload that it takes. */
export function DispatchForm({ job }: { job: Job }) {
  const { client } = useSession();
  const { ID: id, Namespace: namespace, ParameterizedJob: takes } = job;
  const [meta, setMeta] = useState<Readonly<Record<string, string>>>({});
  const [payload, setPayload] = useState("");
  const names = [...(takes?.MetaRequired ?? []), ...(takes?.MetaOptional ?? [])];
  const line = commands.dispatch({ id, namespace }, meta, payload !== "");
  const request = { meta, ...(payload && { payload: base64Of(payload) }) };
  const { isBusy, perform } = usePerform({
    line,
    act: () => client.jobs.dispatch(id, request, { namespace }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void perform();
  };
  const isMissing = (takes?.MetaRequired ?? []).some((name) => !meta[name]);
  return (
    <form className="dispatch" onSubmit={submit}>
      {names.map((name) => (
        <label key={name} className="field">
          {name}
          <input
            required={takes?.MetaRequired?.includes(name) ?? false}
            value={meta[name] ?? ""}
            onChange={(event) => setMeta({ ...meta, [name]: event.target.value })}
          />
        </label>
      ))}
      {takes?.Payload !== "forbidden" && (
        <label className="field">
          {strings.job.payload}
          <textarea
            rows={2}
            required={takes?.Payload === "required"}
            value={payload}
            onChange={(event) => setPayload(event.target.value)}
          />
        </label>
      )}
      <div className="buttons">
        <button type="submit" className="button" disabled={isBusy || isMissing}>
          {strings.job.dispatch}
        </button>
        <CommandLine line={line} />
      </div>
    </form>
  );
}

function base64Of(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
