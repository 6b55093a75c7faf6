import { segment, type Http, type Query } from "./http.ts";
import type { FrontDoor } from "./types/fractus.ts";
import type { ServiceList, ServiceRegistration } from "./types/service.ts";

export type Services = ReturnType<typeof services>;

/** `/v1/services`. After https://developer.hashicorp.com/nomad/api-docs/services. */
export const services = (http: Http) => ({
  /** One entry for each namespace. */
  list: (query?: Query) => http.get<readonly ServiceList[]>("/services", query),
  get: (name: string, query?: Query) =>
    http.get<readonly ServiceRegistration[]>(`/service/${segment(name)}`, query),
  delete: (name: string, id: string, query?: Query) =>
    http.delete<unknown>(`/service/${segment(name)}/${segment(id)}`, query),
  /** Front-door addresses and who stands behind them; an extension of Fractus. */
  doors: (query?: Query) => http.get<readonly FrontDoor[]>("/fractus/doors", query),
});
