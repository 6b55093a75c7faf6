import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Job } from "@fractus/client/types/job.ts";
import { Actions } from "./action.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { shortId, timeOf } from "./format.ts";
import { Mark, Meter, Panel } from "./parts.tsx";
import { awaitsPromotion } from "./problems.ts";
import { deploymentTone } from "./status.ts";
import { strings } from "./strings.ts";

const words = strings.deployment;

/** How far the present version has come, and the word that it may wait for. */
export function JobDeployment({ deployment, job }: { deployment: Deployment; job: Job }) {
  const { client } = useSession();
  const { ID: id, Status: status, StatusDescription, JobVersion, TaskGroups } = deployment;
  const isActive = status === "running" || status === "paused" || status === "pending";
  const groups = Object.entries(TaskGroups ?? {});
  const hasCanaries = groups.some(([, group]) => group.DesiredCanaries > 0 && !group.Promoted);
  const stable = job.Version - 1;
  return (
    <Panel
      title={`${words.heading} ${words.of(JobVersion)}`}
      aside={<span className="soft mono">{shortId(id)}</span>}
    >
      <div className="pad stack">
        <p>
          <Mark tone={deploymentTone(status)} text={status} />{" "}
          <span className="soft">{StatusDescription}</span>
        </p>
        {groups.map(([name, group]) => (
          <GroupProgress key={name} name={name} group={group} isActive={isActive} />
        ))}
        {isActive && (
          <Actions
            acts={[
              ...(hasCanaries
                ? [
                    {
                      name: words.promote,
                      line: commands.promote(id),
                      act: () => client.deployments.promote(id),
                      whyNot: awaitsPromotion(deployment) ? undefined : words.promoteWhyNot,
                    },
                  ]
                : []),
              {
                name: words.fail,
                line: commands.failDeployment(id),
                act: () => client.deployments.fail(id),
                sure: words.failSure,
                isDangerous: true,
              },
              ...(stable >= 0
                ? [
                    {
                      name: strings.job.revert,
                      line: commands.revertJob({ id: job.ID, namespace: job.Namespace }, stable),
                      act: () => client.jobs.revert(job.ID, stable, { namespace: job.Namespace }),
                      sure: strings.job.revertSure(job.ID, stable),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </div>
    </Panel>
  );
}

function GroupProgress({
  name,
  group,
  isActive,
}: {
  name: string;
  group: NonNullable<Deployment["TaskGroups"]>[string];
  isActive: boolean;
}) {
  const by = timeOf(group.RequireProgressBy);
  const isTesting = group.DesiredCanaries > 0 && !group.Promoted;
  const wanted = isTesting ? group.DesiredCanaries : group.DesiredTotal;
  const parts = [
    words.progress(group.HealthyAllocs, wanted),
    isTesting && words.canaries(group.PlacedCanaries?.length ?? 0, group.DesiredCanaries),
    group.DesiredCanaries > 0 && group.Promoted && words.promoted,
    group.UnhealthyAllocs > 0 && words.unhealthy(group.UnhealthyAllocs),
    isActive && by !== undefined && `${words.by} ${new Date(by).toLocaleTimeString()}`,
  ];
  return (
    <Meter
      name={name}
      used={group.HealthyAllocs}
      all={wanted}
      isProgress
      text={parts.filter(Boolean).join(", ")}
    />
  );
}
