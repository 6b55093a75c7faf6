import type { Client } from "@fractus/client/client.ts";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useSession } from "./context.tsx";
import { shortId } from "./format.ts";
import { allocationAddress, jobAddress, nodeAddress } from "./route.ts";
import { strings } from "./strings.ts";
import { goTo } from "./use-route.ts";

interface Found {
  readonly kind: keyof typeof strings.jump.kinds;
  readonly name: string;
  readonly detail: string;
  readonly address: string;
}

const waitMs = 120;
/** Names are looked for from so many characters on; IDs from the first. */
const leastOfName = 2;
const most = 12;

/** Finds jobs, allocations and nodes by a part of their names, or the beginning of their IDs. */
export function JumpBox() {
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useFound(text.trim());
  useSlash(input);
  const go = (one: Found | undefined) => {
    if (!one) return;
    setText("");
    input.current?.blur();
    goTo(one.address);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = (found?.length ?? 0) - 1;
    if (event.key === "ArrowDown") setChosen(Math.min(last, chosen + 1));
    else if (event.key === "ArrowUp") setChosen(Math.max(0, chosen - 1));
    else if (event.key === "Enter") go(found?.[chosen]);
    else if (event.key === "Escape") setText("");
    else return;
    event.preventDefault();
  };
  return (
    <div className="jump">
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label={strings.jump.label}
        aria-expanded={found !== undefined}
        aria-controls={list}
        aria-activedescendant={found?.[chosen] ? `${list}-${chosen}` : undefined}
        placeholder={strings.jump.hint}
        value={text}
        onChange={(event) => (setText(event.target.value), setChosen(0))}
        onKeyDown={onKeyDown}
        onBlur={() => setTimeout(() => setText(""), waitMs)}
      />
      {found && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select cannot follow the field
        <div id={list} className="jump-list" role="listbox" aria-label={strings.jump.label}>
          {found.map((one, at) => (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field has the keyboard
            <div
              key={one.address}
              id={`${list}-${at}`}
              // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
              role="option"
              aria-selected={at === chosen}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => go(one)}
            >
              <span className="soft">{strings.jump.kinds[one.kind]}</span> {one.name}{" "}
              <span className="soft">{one.detail}</span>
            </div>
          ))}
          {found.length === 0 && <p className="soft">{strings.jump.nothing}</p>}
        </div>
      )}
    </div>
  );
}

/** The key `/` leads to the field, unless one is typing elsewhere. */
function useSlash(input: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const follow = (event: globalThis.KeyboardEvent) => {
      const isTyping = (event.target as Element).closest?.("input, textarea, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", follow);
    return () => removeEventListener("keydown", follow);
  }, [input]);
}

function useFound(text: string): readonly Found[] | undefined {
  const { client } = useSession();
  const [state, setState] = useState<{ readonly of: string; readonly found: readonly Found[] }>();
  useEffect(() => {
    if (text === "") return undefined;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      search(client, text, gone.signal).then(
        (found) => !gone.signal.aborted && setState({ of: text, found }),
        () => undefined, // that the server is away is told elsewhere
      );
    }, waitMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [client, text]);
  return text !== "" && state ? state.found : undefined;
}

async function search(client: Client, text: string, signal: AbortSignal): Promise<Found[]> {
  const query = { namespace: "*", signal };
  const [byId, byName] = await Promise.all([
    client.search.prefix(text, "all", query),
    text.length < leastOfName ? undefined : client.search.fuzzy(text, "all", query),
  ]);
  const named = Object.entries(byName?.Matches ?? {}).flatMap(([kind, list]) =>
    (list ?? []).flatMap(({ ID, Scope }) => foundOf(kind, ID, Scope ?? [])),
  );
  const exact = ["allocs", "nodes"].flatMap((kind) =>
    (byId.Matches?.[kind] ?? []).flatMap((id) => foundOf(kind, shortId(id), ["", id])),
  );
  const seen = new Map([...named, ...exact].map((one) => [one.address, one]));
  return [...seen.values()].slice(0, most);
}

/** The scope of a job is its namespace and ID; of others, it ends with their ID. */
function foundOf(kind: string, name: string, scope: readonly string[]): Found[] {
  const id = scope.at(-1) ?? name;
  if (kind === "jobs") {
    const [namespace = "default"] = scope;
    return [{ kind, name, detail: namespace, address: jobAddress(id, namespace) }];
  }
  if (kind === "allocs") return [{ kind, name, detail: shortId(id), address: allocationAddress(id) }];
  if (kind === "nodes") return [{ kind, name, detail: shortId(id), address: nodeAddress(id) }];
  return [];
}
