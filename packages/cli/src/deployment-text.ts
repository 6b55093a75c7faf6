import type { Deployment, DeploymentGroup } from "@fractus/client/types/deployment.ts";
import { instantOfText, pairs, paragraphs, section, shortId, sorted, table } from "./format.ts";

/** What `deployment status` prints, and `job run` when it is done (CL-239, CL-240). */
export function deploymentText(deployment: Deployment, isVerbose = false): string {
  return paragraphs([
    pairs([
      ["ID", shortId(deployment.ID, isVerbose)],
      ["Job ID", deployment.JobID],
      ["Job Version", deployment.JobVersion],
      ["Status", deployment.Status],
      ["Description", deployment.StatusDescription],
    ]),
    section("Deployed", deployedTable(deployment)),
  ]);
}

/** As `status JOB` prints the latest one. */
export function latestDeploymentText(deployment: Deployment, isVerbose = false): string {
  const facts = pairs([
    ["ID", shortId(deployment.ID, isVerbose)],
    ["Status", deployment.Status],
    ["Description", deployment.StatusDescription],
  ]);
  return paragraphs([section("Latest Deployment", facts), section("Deployed", deployedTable(deployment))]);
}

/** A line for each group. Columns on reverting, promotion and canaries are there if any group has them. */
function deployedTable(deployment: Deployment): string {
  const groups = sorted(deployment.TaskGroups);
  const any = (holds: (group: DeploymentGroup) => boolean) => groups.some(([, group]) => holds(group));
  const reverts = any((group) => group.AutoRevert);
  const hasCanaries = any((group) => group.DesiredCanaries > 0);
  const heading = [
    "Task Group",
    ...(reverts ? ["Auto Revert"] : []),
    ...(hasCanaries ? ["Promoted"] : []),
    "Desired",
    ...(hasCanaries ? ["Canaries"] : []),
    "Placed",
    "Healthy",
    "Unhealthy",
    "Progress Deadline",
  ];
  const rows = groups.map(([name, group]) => [
    name,
    ...(reverts ? [String(group.AutoRevert)] : []),
    ...(hasCanaries ? [group.DesiredCanaries > 0 ? String(group.Promoted) : "N/A"] : []),
    group.DesiredTotal,
    ...(hasCanaries ? [group.DesiredCanaries > 0 ? group.DesiredCanaries : "N/A"] : []),
    group.PlacedAllocs,
    group.HealthyAllocs,
    group.UnhealthyAllocs,
    instantOfText(group.RequireProgressBy),
  ]);
  return table([heading, ...rows]);
}
