import { plainTable } from "./codec/field-table.ts";
import type { Connection } from "./connection.ts";
import type { Engine } from "./engine.ts";

/** A queue as it stands, for people to look at. Counts are messages, `…Bytes` are bodies. */
export interface QueueView {
  readonly name: string;
  readonly virtualHost: string;
  readonly isDurable: boolean;
  readonly isExclusive: boolean;
  readonly isAutoDelete: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly ready: number;
  readonly unacked: number;
  readonly consumers: number;
  readonly readyBytes: number;
  /** Since the broker started. */
  readonly totals: {
    readonly published: number;
    readonly delivered: number;
    readonly redelivered: number;
    readonly acked: number;
  };
}

export interface ConnectionView {
  /** `client address:port -> broker address:port` */
  readonly name: string;
  readonly user: string;
  readonly virtualHost: string | undefined;
  /** `blocked`: publishers are held back and this is one. */
  readonly state: string;
  readonly channels: number;
  readonly consumers: number;
  readonly unacked: number;
  readonly heartbeatSeconds: number;
  readonly connectedAtMs: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** What the client says of itself. */
  readonly clientProperties: Readonly<Record<string, unknown>>;
}

export function queueViews(engine: Engine): QueueView[] {
  return [...engine.virtualHosts.values()].flatMap((virtualHost) =>
    [...virtualHost.queues.values()].map((queue) => ({
      name: queue.name,
      virtualHost: virtualHost.name,
      isDurable: queue.identity.isDurable,
      isExclusive: queue.identity.owner !== undefined,
      isAutoDelete: queue.identity.isAutoDelete,
      arguments: plainTable(queue.identity.arguments),
      ready: queue.readyCount,
      unacked: queue.unackedCount,
      consumers: queue.consumerCount,
      readyBytes: queue.readyBytes,
      totals: { ...queue.counts },
    })),
  );
}

export function connectionView(connection: Connection): ConnectionView {
  const channels = [...connection.channels];
  return {
    name: connection.name,
    user: connection.identity.name,
    virtualHost: connection.virtualHostName,
    state: connection.state,
    channels: channels.length,
    consumers: channels.reduce((sum, channel) => sum + channel.consumerCount, 0),
    unacked: channels.reduce((sum, channel) => sum + channel.unackedCount, 0),
    heartbeatSeconds: connection.tuning.heartbeatSeconds,
    connectedAtMs: connection.connectedAtMs,
    receivedBytes: connection.bytes.received,
    sentBytes: connection.bytes.sent,
    clientProperties: connection.clientProperties,
  };
}
