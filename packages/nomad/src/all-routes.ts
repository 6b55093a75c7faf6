import type { Route } from "./route.ts";
import { aclRoutes } from "./routes/acl.ts";
import { agentRoutes } from "./routes/agent.ts";
import { allocationRoutes } from "./routes/allocations.ts";
import { clientRoutes } from "./routes/client.ts";
import { deploymentRoutes, evaluationRoutes } from "./routes/evaluations.ts";
import { eventRoutes } from "./routes/events.ts";
import { fileRoutes } from "./routes/files.ts";
import { fractusRoutes } from "./routes/fractus.ts";
import { jobCommandRoutes } from "./routes/job-commands.ts";
import { jobRoutes } from "./routes/job.ts";
import { jobsRoutes } from "./routes/jobs.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { namespaceRoutes } from "./routes/namespaces.ts";
import { nodeRoutes } from "./routes/nodes.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { searchRoutes } from "./routes/search.ts";
import { serviceRoutes } from "./routes/services.ts";
import { variableRoutes } from "./routes/variables.ts";

/** Every route of the door; what each demands of its caller stands in `authority.ts`. */
export const allRoutes: readonly Route[] = [
  ...jobsRoutes,
  ...jobRoutes,
  ...jobCommandRoutes,
  ...nodeRoutes,
  ...allocationRoutes,
  ...clientRoutes,
  ...fileRoutes,
  ...evaluationRoutes,
  ...deploymentRoutes,
  ...serviceRoutes,
  ...variableRoutes,
  ...eventRoutes,
  ...metricsRoutes,
  ...aclRoutes,
  ...namespaceRoutes,
  ...agentRoutes,
  ...searchRoutes,
  ...operatorRoutes,
  ...fractusRoutes,
];
