import { segment, type Http, type Query } from "./http.ts";
import type { Policy, PolicyStub, Token, TokenRequest, TokenStub } from "./types/acl.ts";

export type Acl = ReturnType<typeof acl>;

/** `/v1/acl`. After https://developer.hashicorp.com/nomad/api-docs/acl. */
export const acl = (http: Http) => ({
  /** The first management token; only once. The secret may be chosen, as a UUID. */
  bootstrap: (secret?: string) =>
    http.post<Token>("/acl/bootstrap", secret ? { BootstrapSecret: secret } : undefined),

  tokens: (query?: Query) => http.get<readonly TokenStub[]>("/acl/tokens", query),
  token: (accessor: string, query?: Query) => http.get<Token>(`/acl/token/${segment(accessor)}`, query),
  selfToken: (query?: Query) => http.get<Token>("/acl/token/self", query),
  createToken: (token: TokenRequest) => http.post<Token>("/acl/token", token),
  updateToken: (token: TokenRequest & { readonly AccessorID: string }) =>
    http.post<Token>(`/acl/token/${segment(token.AccessorID)}`, token),
  deleteToken: (accessor: string) => http.delete<unknown>(`/acl/token/${segment(accessor)}`),

  policies: (query?: Query) => http.get<readonly PolicyStub[]>("/acl/policies", query),
  policy: (name: string, query?: Query) => http.get<Policy>(`/acl/policy/${segment(name)}`, query),
  applyPolicy: (policy: { readonly Name: string; readonly Description: string; readonly Rules: string }) =>
    http.post<unknown>(`/acl/policy/${segment(policy.Name)}`, policy),
  deletePolicy: (name: string) => http.delete<unknown>(`/acl/policy/${segment(name)}`),
});
