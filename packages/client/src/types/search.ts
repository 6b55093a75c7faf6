import type { Dictionary, List } from "./json.ts";

export type SearchContext = "jobs" | "evals" | "allocs" | "nodes" | "deployment" | "namespaces" | "all";

/** What begins with a prefix, by kind. After https://developer.hashicorp.com/nomad/api-docs/search. */
export interface SearchAnswer {
  readonly Matches: Dictionary<List<string>>;
  /** Kinds of which there are more. */
  readonly Truncations: Dictionary<boolean>;
}

/** What resembles a text anywhere, by kind; the scope names the namespace and what it is part of. */
export interface FuzzySearchAnswer {
  readonly Matches: Dictionary<List<{ readonly ID: string; readonly Scope: List<string> }>>;
  readonly Truncations: Dictionary<boolean>;
}
