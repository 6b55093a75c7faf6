import { mechanisms } from "./access.ts";
import { tableOf } from "./codec/field-table.ts";
import type { Said } from "./codec/methods.ts";
import { Fault } from "./fault.ts";

/** `AMQP`, 0, 0-9-1: what a client begins with, and what it gets back if it began with something else. */
export const protocolHeader = Buffer.from("AMQP\0\0\x09\x01", "latin1");

/** What both sides have agreed to. */
export interface Tuning {
  /** The highest channel number. */
  readonly channelMax: number;
  /** The largest frame, overhead included. */
  readonly frameMax: number;
  /** 0: no heartbeats. */
  readonly heartbeatSeconds: number;
}

/** RabbitMQ's defaults. https://www.rabbitmq.com/docs/configure */
export const offer = { channelMax: 2047, frameMax: 131_072, heartbeat: 60, heartbeatSeconds: 60 };

/** The least frame-max that either side may ask for, section 4.2.3 of the specification ("frame-min-size"). */
const frameMin = 4096;

/** connection.start: only capabilities that hold are named. https://www.rabbitmq.com/docs/connections#capabilities */
export const start: Said<"connection.start"> = {
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: tableOf({
    capabilities: tableOf({
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      "basic.nack": true,
      consumer_cancel_notify: true,
      "connection.blocked": true,
      consumer_priorities: true,
      authentication_failure_close: true,
      per_consumer_qos: true,
    }),
    product: "Fractus",
    version: "0.1.0",
    platform: "Node.js",
    copyright: "The Fractus authors",
    information: "Licensed under the Apache License 2.0",
  }),
  mechanisms: Buffer.from(mechanisms),
  locales: Buffer.from("en_US"),
};

/** Holds the client's answer against the offer; asking for more is a `not-allowed` fault, as in RabbitMQ. */
export function negotiate(answer: {
  readonly channelMax: number;
  readonly frameMax: number;
  readonly heartbeat: number;
}): Tuning {
  requireWithin("channel_max", answer.channelMax, 1, offer.channelMax);
  requireWithin("frame_max", answer.frameMax, frameMin, offer.frameMax);
  return { ...answer, heartbeatSeconds: answer.heartbeat };
}

/** 0 stands for "no limit", which is more than any offer. */
function requireWithin(name: string, value: number, least: number, most: number): void {
  if (value !== 0 && value < least) {
    throw new Fault(
      "not-allowed",
      `negotiated ${name} = ${value} is lower than the minimum allowed value (${least})`,
    );
  }
  if (value === 0 || value > most) {
    throw new Fault(
      "not-allowed",
      `negotiated ${name} = ${value} is higher than the maximum allowed value (${most})`,
    );
  }
}
