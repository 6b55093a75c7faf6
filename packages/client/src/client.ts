/**
 * A client of the HTTP API: Nomad's, and what Fractus adds to it. It holds no state and needs nothing but
 * `fetch`; running commands in allocations is in `exec.ts`, TLS with an authority of one's own in `tls.ts`,
 * as these need Node.
 */
import { acl, type Acl } from "./acl.ts";
import { agent, type Agent } from "./agent.ts";
import { allocations, type Allocations } from "./allocations.ts";
import { deployments, type Deployments } from "./deployments.ts";
import { evaluations, type Evaluations } from "./evaluations.ts";
import { events, type EventQuery } from "./events.ts";
import { files, type Files } from "./files.ts";
import { Http, type ClientOptions } from "./http.ts";
import { jobs, type Jobs } from "./jobs.ts";
import { namespaces, type Namespaces } from "./namespaces.ts";
import { nodes, type Nodes } from "./nodes.ts";
import { operator, type Operator } from "./operator.ts";
import { search, type Search } from "./search.ts";
import { services, type Services } from "./services.ts";
import type { Events } from "./types/event.ts";
import { variables, type Variables } from "./variables.ts";

/**
 * `await new Client({ address: "http://127.0.0.1:4646" }).jobs.list()`. Every method may throw `ApiError`.
 * Methods that read take a `Query` last: prefix, filter, pages, blocking by index, a signal.
 */
export class Client {
  /** For what has no method here. */
  readonly http: Http;
  readonly jobs: Jobs;
  readonly allocations: Allocations;
  readonly files: Files;
  readonly nodes: Nodes;
  readonly evaluations: Evaluations;
  readonly deployments: Deployments;
  readonly services: Services;
  readonly variables: Variables;
  readonly acl: Acl;
  readonly namespaces: Namespaces;
  readonly operator: Operator;
  readonly agent: Agent;
  readonly search: Search;

  constructor(options: ClientOptions) {
    const http = new Http(options);
    this.http = http;
    this.jobs = jobs(http);
    this.allocations = allocations(http);
    this.files = files(http);
    this.nodes = nodes(http);
    this.evaluations = evaluations(http);
    this.deployments = deployments(http);
    this.services = services(http);
    this.variables = variables(http);
    this.acl = acl(http);
    this.namespaces = namespaces(http);
    this.operator = operator(http);
    this.agent = agent(http);
    this.search = search(http);
  }

  events(query?: EventQuery): AsyncGenerator<Events> {
    return events(this.http, query);
  }
}
