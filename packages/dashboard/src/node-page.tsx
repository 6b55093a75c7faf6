import type { Client } from "@fractus/client/client.ts";
import type { Query } from "@fractus/client/http.ts";
import type { Allocation } from "@fractus/client/types/allocation.ts";
import type { Node } from "@fractus/client/types/node.ts";
import { useState } from "react";
import { AllocationTable } from "./allocation-table.tsx";
import { AnswerView } from "./answer-view.tsx";
import { CapacityMeters } from "./capacity-meters.tsx";
import { grantedByNode, nothing, roomOf } from "./capacity.ts";
import { shortId, timeOf } from "./format.ts";
import { NodeActions } from "./node-actions.tsx";
import { Ago, Facts, Mark, Panel } from "./parts.tsx";
import { nodeStanding } from "./status.ts";
import { strings } from "./strings.ts";
import { useHostUse } from "./use-host-use.ts";
import { useQuery } from "./use-query.ts";

const words = strings.node;

async function read(client: Client, id: string, query: Query) {
  const [node, allocations] = await Promise.all([
    client.nodes.get(id, query),
    client.nodes.allocations(id, query),
  ]);
  return { node, allocations };
}

export function NodePage({ id }: { id: string }) {
  const answer = useQuery(`node ${id}`, (client, query) => read(client, id, query), {
    topics: ["Node", "Allocation"],
  });
  return (
    <AnswerView answer={answer} missing={words.missing}>
      {(view) => <Content {...view} />}
    </AnswerView>
  );
}

function Content({ node, allocations }: { node: Node; allocations: readonly Allocation[] }) {
  const use = useHostUse(node.Status === "ready" ? [node.ID] : []);
  const granted = grantedByNode(allocations).get(node.ID) ?? nothing;
  return (
    <>
      <h1>
        {node.Name} <Mark {...nodeStanding(node)} />
      </h1>
      <Facts
        facts={[
          [strings.nodes.where, node.Datacenter],
          [words.class, node.NodeClass],
          [words.pool, node.NodePool],
          [words.address, node.HTTPAddr],
          [strings.allocation.description, nodeStanding(node).tone !== "good" && node.StatusDescription],
          [
            strings.allocation.id,
            <code key="id" title={node.ID}>
              {shortId(node.ID)}
            </code>,
          ],
        ]}
      />
      <div className="columns">
        <Panel title={strings.overview.capacity}>
          <CapacityMeters room={roomOf(node)} granted={granted} use={use} />
        </Panel>
        <Panel title={words.actions}>
          <NodeActions node={node} />
        </Panel>
      </div>
      <Panel title={words.allocations}>
        <AllocationTable allocations={allocations} empty={words.noAllocations} hasJob />
      </Panel>
      <div className="columns">
        <Drivers node={node} />
        <NodeEvents node={node} />
      </div>
      <Attributes title={words.attributes} values={node.Attributes ?? {}} />
      {Object.keys(node.Meta ?? {}).length > 0 && <Attributes title={words.meta} values={node.Meta ?? {}} />}
    </>
  );
}

function Drivers({ node }: { node: Node }) {
  const drivers = Object.entries(node.Drivers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Panel title={words.drivers}>
      <ul className="list">
        {drivers.map(([name, { Detected, Healthy, HealthDescription }]) => (
          <li key={name}>
            <span>{name}</span>
            <span className="soft grow">{Detected && Healthy ? "" : HealthDescription}</span>
            <Mark
              tone={Detected ? (Healthy ? "good" : "bad") : "idle"}
              text={
                Detected
                  ? Healthy
                    ? strings.statuses.healthy
                    : strings.statuses.unhealthy
                  : words.undetected
              }
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NodeEvents({ node }: { node: Node }) {
  const events = [...(node.Events ?? [])].reverse();
  return (
    <Panel title={words.events}>
      <ul className="list">
        {events.map((event) => (
          <li key={`${event.Timestamp} ${event.Message}`}>
            <span className="soft nowrap event-time">
              <Ago atMs={timeOf(event.Timestamp)} />
            </span>
            <span className="grow">{event.Message}</span>
            <span className="soft">{event.Subsystem}</span>
          </li>
        ))}
        {events.length === 0 && <li className="soft">{strings.none}</li>}
      </ul>
    </Panel>
  );
}

function Attributes({ title, values }: { title: string; values: Readonly<Record<string, string>> }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const rows = Object.entries(values)
    .filter(([name, value]) => `${name} ${value}`.toLowerCase().includes(wanted))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Panel
      title={title}
      aside={
        <input
          type="search"
          aria-label={words.filter}
          placeholder={words.filter}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      }
    >
      <dl className="attributes mono">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
