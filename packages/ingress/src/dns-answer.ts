/**
 * What the name server answers, as bytes to bytes.
 *
 *     NAME.service.fractus            A, AAAA, SRV   healthy instances, in the caller's default project
 *     NAME.PROJECT.service.fractus    the same, in that project
 *     7f000001.addr.fractus           A, AAAA        the address that the name spells: the target of an SRV
 *
 * A name in these zones that stands for nothing does not exist (NXDOMAIN); one that exists but has nothing of
 * the type asked for is answered with nothing (NODATA); names outside of them are refused.
 * Sources: https://www.rfc-editor.org/rfc/rfc1035, RFC 2308 (negative answers), RFC 2782 (SRV), RFC 6891 (EDNS).
 */
import { isIPv4, isIPv6 } from "node:net";
import type { Dice } from "@fractus/core/dice.ts";
import { rollInteger } from "@fractus/core/dice.ts";
import packet from "dns-packet";
import type { Answer, DecodedPacket, Question } from "dns-packet";

export interface DnsInstance {
  readonly address: string;
  readonly port: number;
}

/** The healthy instances of a service, or undefined if there is no such service. */
export type DnsLookup = (name: string, project?: string) => readonly DnsInstance[] | undefined;

const noError = 0;
const formatError = 1;
const serverFailure = 2;
const noSuchName = 3;
const notImplemented = 4;
const refused = 5;

/** In seconds: instances come and go. */
const ttl = 0;
const serviceZone = "service.fractus";
const addressZone = "addr.fractus";
const headerBytes = 12;
/** Without EDNS, and the most that we send with it (https://www.dnsflagday.net/2020/). */
const plainUdpBytes = 512;
const mostUdpBytes = 1232;
const mostTcpBytes = 65_535;
const mostInstances = 400;

interface Reply {
  readonly code: number;
  readonly answers: readonly Answer[];
  readonly additionals: readonly Answer[];
}

/** The answer to one message, or undefined for one that deserves none; never throws. */
export function answerTo(
  message: Buffer,
  input: { readonly lookup: DnsLookup; readonly dice: Dice; readonly transport: "udp" | "tcp" },
): Buffer | undefined {
  if (message.length < headerBytes || (message[2] & 0x80) !== 0) return undefined;
  const query = decoded(message);
  if (!query) return bare(message, formatError);
  if (query.opcode !== "QUERY") return bare(message, notImplemented);
  const { questions = [] } = query;
  if (questions.length !== 1 || !isPlain(questions[0].name)) return bare(message, formatError);
  try {
    return encoded(query, questions[0], replyTo(questions[0], input), input.transport);
  } catch {
    return bare(message, serverFailure);
  }
}

/** The types of the library do not mention the kind of query that its decoder tells. */
type Query = DecodedPacket & { readonly opcode: string };

function decoded(message: Buffer): Query | undefined {
  try {
    return packet.decode(message) as Query;
  } catch {
    return undefined;
  }
}

/** Header alone, with the id and the kind of the query. */
function bare(message: Buffer, code: number): Buffer {
  const reply = Buffer.alloc(headerBytes);
  message.copy(reply, 0, 0, 2);
  reply[2] = 0x80 | (message[2] & 0x79);
  reply[3] = code;
  return reply;
}

/** Names of other bytes, or with dots inside of labels, could not be repeated faithfully; none of ours has any. */
function isPlain(name: string): boolean {
  return name.length <= 253 && /^([\x21-\x2d\x2f-\x7e]{1,63}(\.(?!$)|$))*$/.test(name);
}

function replyTo(
  question: Question,
  { lookup, dice }: { readonly lookup: DnsLookup; readonly dice: Dice },
): Reply {
  const name = question.name.toLowerCase();
  if ((question.class ?? "IN") !== "IN") return replyOf(refused);
  if (name === serviceZone || name === addressZone) {
    return replyOf(noError, question.type === "SOA" ? [authority(name)] : []);
  }
  if (name.endsWith(`.${addressZone}`))
    return spelledAddress(question, name.slice(0, -addressZone.length - 1));
  if (!name.endsWith(`.${serviceZone}`)) return replyOf(refused);
  const labels = name.slice(0, -serviceZone.length - 1).split(".");
  const instances = labels.length > 2 ? undefined : lookup(labels[0], labels[1]);
  return instances ? instancesReply(question, shuffled(instances, dice)) : replyOf(noSuchName);
}

function replyOf(code: number, answers: readonly Answer[] = [], additionals: readonly Answer[] = []): Reply {
  return { code, answers, additionals };
}

function instancesReply(question: Question, instances: readonly DnsInstance[]): Reply {
  const some = instances.slice(0, mostInstances);
  if (question.type !== "SRV") {
    const addresses = [...new Set(some.map(({ address }) => address))];
    return replyOf(
      noError,
      addresses.flatMap((address) => addressRecord(question.name, address, question.type)),
    );
  }
  const withPort = some.filter(({ address, port }) => port > 0 && spelled(address) !== undefined);
  const answers = withPort.map(({ address, port }): Answer => {
    const data = { port, target: spelled(address) ?? "", priority: 1, weight: 1 };
    return { type: "SRV", name: question.name, ttl, data };
  });
  const targets = [...new Set(withPort.map(({ address }) => address))];
  return replyOf(
    noError,
    answers,
    targets.flatMap((address) => addressRecord(spelled(address) ?? "", address, "ANY")),
  );
}

/** One record or none, as the type asks for this kind of address. */
function addressRecord(name: string, address: string, type: string): Answer[] {
  if (isIPv4(address) && (type === "A" || type === "ANY")) return [{ type: "A", name, ttl, data: address }];
  if (isIPv6(address) && (type === "AAAA" || type === "ANY"))
    return [{ type: "AAAA", name, ttl, data: address }];
  return [];
}

/** `127.0.0.1` is `7f000001.addr.fractus`; an IPv6 address spells its groups with dashes. */
function spelled(address: string): string | undefined {
  if (isIPv6(address)) return `${address.toLowerCase().replaceAll(":", "-")}-6.${addressZone}`;
  if (!isIPv4(address)) return undefined;
  const hex = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return `${hex.join("")}.${addressZone}`;
}

function spelledAddress(question: Question, label: string): Reply {
  const address = label.endsWith("-6")
    ? label.slice(0, -2).replaceAll("-", ":")
    : /^[0-9a-f]{8}$/.test(label)
      ? [...Buffer.from(label, "hex")].join(".")
      : "";
  if (!isIPv4(address) && !isIPv6(address)) return replyOf(noSuchName);
  return replyOf(noError, addressRecord(question.name, address, question.type));
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const result = [...items];
  for (let high = result.length - 1; high > 0; high--) {
    const low = rollInteger(dice, { low: 0, high });
    [result[low], result[high]] = [result[high], result[low]];
  }
  return result;
}

/** Stands beside a negative answer, so that it is not kept either. */
function authority(zone: string): Answer {
  const data = {
    mname: `ns.${zone}`,
    rname: `root.${zone}`,
    serial: 1,
    refresh: 60,
    retry: 60,
    expire: 60,
    minimum: 0,
  };
  return { type: "SOA", name: zone, ttl, data };
}

function encoded(query: DecodedPacket, question: Question, reply: Reply, transport: "udp" | "tcp"): Buffer {
  const extension = query.additionals?.find((record) => record.type === "OPT");
  const isNegative = reply.answers.length === 0 && reply.code !== refused;
  const zone = question.name.toLowerCase().endsWith(addressZone) ? addressZone : serviceZone;
  const opt: Answer[] = extension ? [ourExtension()] : [];
  const flags = (query.flag_rd ? packet.RECURSION_DESIRED : 0) | reply.code;
  const whole = packet.encode({
    type: "response",
    id: query.id,
    flags: flags | (reply.code === refused ? 0 : packet.AUTHORITATIVE_ANSWER),
    questions: [question],
    answers: [...reply.answers],
    authorities: isNegative ? [authority(zone)] : [],
    additionals: [...reply.additionals, ...opt],
  });
  const asked = extension?.type === "OPT" ? extension.udpPayloadSize : plainUdpBytes;
  const limit = transport === "tcp" ? mostTcpBytes : Math.min(mostUdpBytes, Math.max(plainUdpBytes, asked));
  if (whole.length <= limit) return whole;
  const truncated = flags | packet.AUTHORITATIVE_ANSWER | packet.TRUNCATED_RESPONSE;
  return packet.encode({
    type: "response",
    id: query.id,
    flags: truncated,
    questions: [question],
    additionals: opt,
  });
}

function ourExtension(): Answer {
  return {
    type: "OPT",
    name: ".",
    udpPayloadSize: mostUdpBytes,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}
