import type { GroupSummary, JobStub } from "@fractus/client/types/job.ts";
import { AnswerView } from "./answer-view.tsx";
import { CommandLine } from "./command-line.tsx";
import { commands } from "./commands.ts";
import { millisecondsOf } from "./format.ts";
import { fits, statusFilters, type StatusFilter } from "./job-filter.ts";
import { Link } from "./link.tsx";
import { Ago, Mark, Table } from "./parts.tsx";
import { formatRoute, jobAddress, usualNamespace } from "./route.ts";
import { jobStanding } from "./status.ts";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";
import { goTo } from "./use-route.ts";

const words = strings.jobs;

export function JobsPage({ text, status }: { text: string; status: string }) {
  const answer = useQuery("jobs", (client, query) => client.jobs.list({ ...query, namespace: "*" }), {
    topics: ["Job", "Allocation", "Evaluation"],
  });
  return (
    <>
      <h1>{words.heading}</h1>
      <AnswerView answer={answer}>
        {(jobs) => (jobs.length === 0 ? <Empty /> : <JobList jobs={jobs} text={text} status={status} />)}
      </AnswerView>
    </>
  );
}

function Empty() {
  return (
    <div className="empty">
      <p>{words.empty}</p>
      <CommandLine line={commands.runFile()} />
      <Link className="button is-main" to="run">
        {strings.nav.run}
      </Link>
    </div>
  );
}

function JobList({ jobs, text, status }: { jobs: readonly JobStub[]; text: string; status: string }) {
  const chosen = statusFilters.find((name) => name === status) ?? "all";
  const named = jobs.filter((job) => fits(job, { text, status: "all" }));
  const shown = named.filter((job) => fits(job, { text, status: chosen }));
  const show = (next: { text?: string; status?: string }) =>
    goTo(formatRoute({ page: "jobs", text, status, ...next }), "replace");
  return (
    <>
      <div className="toolbar">
        <input
          type="search"
          aria-label={words.filter}
          placeholder={words.filter}
          value={text}
          onChange={(event) => show({ text: event.target.value })}
        />
        <fieldset className="chips" aria-label={words.status}>
          {statusFilters.map((name) => (
            <button
              key={name}
              type="button"
              className="chip"
              aria-pressed={name === chosen}
              onClick={() => show({ status: name === "all" ? "" : name })}
            >
              {words[name]} <span className="count">{countOf(named, name)}</span>
            </button>
          ))}
        </fieldset>
      </div>
      {shown.length === 0 ? <p className="soft pad">{words.nothingFits}</p> : <JobTable jobs={shown} />}
    </>
  );
}

function countOf(jobs: readonly JobStub[], status: StatusFilter): number {
  return jobs.filter((job) => fits(job, { text: "", status })).length;
}

export function JobTable({ jobs }: { jobs: readonly JobStub[] }) {
  const hasNamespaces = jobs.some(({ Namespace }) => Namespace !== usualNamespace);
  return (
    <Table label={words.heading} heads={[words.name, words.status, words.groups, words.type, words.age]}>
      {jobs.map((job) => (
        <tr key={`${job.Namespace}/${job.ID}`}>
          <th scope="row">
            <Link to={jobAddress(job.ID, job.Namespace)}>{job.Name}</Link>
            {hasNamespaces && <span className="soft"> {job.Namespace}</span>}
          </th>
          <td>
            <Mark {...jobStanding(job)} />
          </td>
          <td>
            <Groups job={job} />
          </td>
          <td className="soft">{typeOf(job)}</td>
          <td className="soft nowrap">
            <Ago atMs={millisecondsOf(job.SubmitTime)} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function typeOf(job: JobStub): string {
  return [job.Type, job.Periodic && "periodic", job.ParameterizedJob && "parameterized"]
    .filter(Boolean)
    .join(", ");
}

function Groups({ job }: { job: JobStub }) {
  const { Summary, Children } = job.JobSummary ?? {};
  if ((job.Periodic || job.ParameterizedJob) && Children)
    return <span className="soft">{words.launches(Children.Running, Children.Pending, Children.Dead)}</span>;
  return (
    <ul className="groups">
      {Object.entries(Summary ?? {}).map(([name, counts]) => (
        <li key={name}>
          <span className="soft">{name}</span> <Counts counts={counts} />
        </li>
      ))}
    </ul>
  );
}

const order = ["Running", "Starting", "Queued", "Failed", "Lost", "Unknown", "Complete"] as const;

function Counts({ counts }: { counts: GroupSummary }) {
  const shown = order.filter((name) => (counts[name] ?? 0) > 0);
  if (shown.length === 0) return <span className="soft">0</span>;
  return (
    <>
      {shown.map((name) => (
        <span key={name} className={`count count-${name.toLowerCase()}`}>
          {counts[name]} {words.counts[name]}
        </span>
      ))}
    </>
  );
}
