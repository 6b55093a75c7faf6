import type { Client } from "@fractus/client/client.ts";
import type { Query } from "@fractus/client/http.ts";
import type { AllocatedResources, AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Node, NodeStub } from "@fractus/client/types/node.ts";
import { AnswerView } from "./answer-view.tsx";
import { CapacityMeters } from "./capacity-meters.tsx";
import { grantedByNode, nothing, roomOf, type Amounts } from "./capacity.ts";
import { CommandLine } from "./command-line.tsx";
import { shortId } from "./format.ts";
import { Link } from "./link.tsx";
import { NodeButtons } from "./node-actions.tsx";
import { Mark, Table } from "./parts.tsx";
import { nodeAddress } from "./route.ts";
import { isAlive, nodeStanding } from "./status.ts";
import { strings } from "./strings.ts";
import { useHostUse } from "./use-host-use.ts";
import { useQuery } from "./use-query.ts";

const words = strings.nodes;
type NodeRow = NodeStub & Pick<Node, "NodeResources" | "ReservedResources">;
type Granted = AllocationStub & { readonly AllocatedResources: AllocatedResources | null };

async function read(client: Client, query: Query) {
  const alive = {
    ...query,
    namespace: "*",
    filter: 'ClientStatus == "running" or ClientStatus == "pending"',
  };
  const [nodes, allocations] = await Promise.all([
    client.http.get<NodeRow[]>("/nodes", query, { resources: true, os: true }),
    client.http.get<Granted[]>("/allocations", alive, { resources: true, task_states: false }),
  ]);
  return { nodes, allocations };
}

export function NodesPage() {
  const answer = useQuery("nodes", read, { topics: ["Node", "Allocation"] });
  return (
    <>
      <h1>{words.heading}</h1>
      <AnswerView answer={answer}>
        {({ nodes, allocations }) =>
          nodes.length === 0 ? <Empty /> : <NodeTable nodes={nodes} allocations={allocations} />
        }
      </AnswerView>
    </>
  );
}

function Empty() {
  return (
    <div className="empty">
      <p>{words.empty}</p>
      <CommandLine line="fractus agent --join URL --token TOKEN" />
    </div>
  );
}

function NodeTable({ nodes, allocations }: { nodes: readonly NodeRow[]; allocations: readonly Granted[] }) {
  const granted = grantedByNode(allocations);
  const living = Map.groupBy(allocations.filter(isAlive), ({ NodeID }) => NodeID);
  const heads = [
    words.name,
    words.status,
    strings.overview.capacity,
    words.allocations,
    words.drivers,
    words.where,
    "",
  ];
  return (
    <Table label={words.heading} heads={heads}>
      {nodes.map((node) => (
        <tr key={node.ID}>
          <th scope="row">
            <Link to={nodeAddress(node.ID)}>{node.Name}</Link>{" "}
            <span className="soft mono">{shortId(node.ID)}</span>
          </th>
          <td>
            <Mark {...nodeStanding(node)} />
          </td>
          <td>
            <NodeMeters node={node} granted={granted.get(node.ID) ?? nothing} />
          </td>
          <td className="number wide">{living.get(node.ID)?.length ?? 0}</td>
          <td>
            <Drivers node={node} />
          </td>
          <td className="soft wide">
            {node.Datacenter}
            {node.NodeClass && `, ${node.NodeClass}`}
          </td>
          <td>
            <NodeButtons node={node} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function NodeMeters({ node, granted }: { node: NodeRow; granted: Amounts }) {
  const use = useHostUse(node.Status === "ready" ? [node.ID] : []);
  return <CapacityMeters room={roomOf(node)} granted={granted} use={use} isShort />;
}

function Drivers({ node }: { node: NodeRow }) {
  const found = Object.entries(node.Drivers ?? {}).filter(([, state]) => state.Detected);
  return (
    <ul className="groups">
      {found.map(([name, state]) => (
        <li key={name} title={state.HealthDescription}>
          <span className={state.Healthy ? "count" : "count count-failed"}>{name}</span>
        </li>
      ))}
    </ul>
  );
}
