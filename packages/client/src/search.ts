import type { Http, Query } from "./http.ts";
import type { FuzzySearchAnswer, SearchAnswer, SearchContext } from "./types/search.ts";

export type Search = ReturnType<typeof search>;

/** `/v1/search`. After https://developer.hashicorp.com/nomad/api-docs/search. */
export const search = (http: Http) => ({
  prefix: (prefix: string, context: SearchContext = "all", query?: Query) =>
    http.post<SearchAnswer>("/search", { Prefix: prefix, Context: context }, query),
  fuzzy: (text: string, context: SearchContext = "all", query?: Query) =>
    http.post<FuzzySearchAnswer>("/search/fuzzy", { Text: text, Context: context }, query),
});
