import type { Client } from "@fractus/client/client.ts";
import { Actions, type Act } from "./action.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import type { JobView } from "./job-page.tsx";
import { Link } from "./link.tsx";
import { formatRoute } from "./route.ts";
import { strings } from "./strings.ts";
import { goTo } from "./use-route.ts";

const words = strings.job;
type JobJson = Awaited<ReturnType<Client["jobs"]["parse"]>>;

export function JobActions({ view }: { view: JobView }) {
  const { ID: id, Namespace: namespace } = view.job;
  return (
    <>
      <Actions acts={useActs(view)} />
      <p className="pad">
        <Link className="button" to={formatRoute({ page: "run", from: id, namespace })}>
          {words.edit}
        </Link>
      </p>
    </>
  );
}

function useActs({ job }: JobView): readonly Act[] {
  const { client } = useSession();
  const named = { id: job.ID, namespace: job.Namespace };
  const query = { namespace: job.Namespace };
  const stop: Act = {
    name: words.stop,
    line: commands.stopJob(named),
    act: () => client.jobs.stop(job.ID, {}, query),
    sure: words.stopSure(job.ID),
    isDangerous: true,
  };
  const start: Act = {
    name: words.start,
    line: commands.startJob(named),
    act: async () => {
      // As it is now, and not as this page last saw it.
      const path = `/job/${encodeURIComponent(job.ID)}`;
      const registered = await client.http.get<JobJson>(path, query);
      return client.jobs.register({ ...registered, Stop: false }, {}, query);
    },
  };
  const purge: Act = {
    name: words.purge,
    line: commands.purgeJob(named),
    act: async () => {
      await client.jobs.stop(job.ID, { purge: true }, query);
      goTo("jobs");
    },
    sure: words.purgeSure(job.ID),
    isDangerous: true,
  };
  const evaluate: Act = {
    name: words.evaluate,
    line: commands.evaluateJob(named),
    act: () => client.jobs.evaluate(job.ID, { forceReschedule: true }, query),
  };
  const force: Act = {
    name: words.force,
    line: commands.forcePeriodic(named),
    act: () => client.jobs.forcePeriodic(job.ID, query),
  };
  if (job.Stop) return [start, purge];
  if (job.Periodic) return [force, stop, purge];
  return job.ParameterizedJob && !job.Dispatched ? [stop, purge] : [stop, evaluate, purge];
}
