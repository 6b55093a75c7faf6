import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import { useState } from "react";
import { millisecondsOf, shortId } from "./format.ts";
import { Link } from "./link.tsx";
import { Ago, Mark, Table } from "./parts.tsx";
import { reasonOf } from "./problems.ts";
import { allocationAddress, jobAddress, nodeAddress } from "./route.ts";
import { allocationStanding, isAlive } from "./status.ts";
import { strings } from "./strings.ts";

const words = strings.allocation;
type Shown = Omit<AllocationStub, "JobType" | "JobVersion"> & { readonly JobVersion?: number };

/** Most rows that are shown at once; who wants others filters, or asks the command line. */
const mostRows = 200;

/** Allocations, those that live first; those that have ended unfold. */
export function AllocationTable({
  allocations,
  empty,
  hasJob = false,
}: {
  allocations: readonly Shown[];
  empty: string;
  hasJob?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const newest = [...allocations].sort((a, b) => b.CreateTime - a.CreateTime);
  const ended = newest.filter((one) => !isOfInterest(one));
  const shown = [...newest.filter(isOfInterest), ...(isOpen ? ended : [])];
  if (allocations.length === 0) return <p className="soft pad">{empty}</p>;
  return (
    <>
      {shown.length > 0 && <Rows allocations={shown.slice(0, mostRows)} hasJob={hasJob} />}
      {shown.length > mostRows && <p className="soft pad">{strings.more(shown.length - mostRows)}</p>}
      {ended.length > 0 && (
        <p className="pad">
          <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? strings.job.hideEnded : strings.job.ended(ended.length)}
          </button>
        </p>
      )}
    </>
  );
}

/** It lives, or is wanted and does not. */
function isOfInterest(one: Shown): boolean {
  return isAlive(one) || one.DesiredStatus === "run";
}

function Rows({ allocations, hasJob }: { allocations: readonly Shown[]; hasJob: boolean }) {
  const last = hasJob ? strings.allocation.job : words.node;
  return (
    <Table
      label={strings.job.allocations}
      heads={[words.name, words.status, last, words.version, words.created, words.modified]}
    >
      {allocations.map((one) => (
        <tr key={one.ID}>
          <th scope="row">
            <Link to={allocationAddress(one.ID)}>{one.Name}</Link>{" "}
            <span className="soft mono">{shortId(one.ID)}</span>{" "}
            {one.DeploymentStatus?.Canary && <span className="count">{words.canary}</span>}
          </th>
          <td>
            <Mark {...allocationStanding(one)} />
            {allocationStanding(one).tone === "bad" && <div className="soft">{reasonOf(one)}</div>}
          </td>
          <td>
            {hasJob ? (
              <Link to={jobAddress(one.JobID, one.Namespace)}>{one.JobID}</Link>
            ) : (
              <Link to={nodeAddress(one.NodeID)}>{one.NodeName || shortId(one.NodeID)}</Link>
            )}
          </td>
          <td className="soft wide">{one.JobVersion ?? "–"}</td>
          <td className="soft nowrap">
            <Ago atMs={millisecondsOf(one.CreateTime)} />
          </td>
          <td className="soft nowrap wide">
            <Ago atMs={millisecondsOf(one.ModifyTime)} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
