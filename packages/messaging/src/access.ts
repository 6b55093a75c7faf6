import { timingSafeEqual, createHash } from "node:crypto";
import { Fault } from "./fault.ts";
import { Reader } from "./codec/reader.ts";
import { readTable, textOf } from "./codec/field-table.ts";

/** What a user may do with the names of one virtual host: patterns, as in RabbitMQ. */
export interface Permissions {
  readonly configure: RegExp;
  readonly write: RegExp;
  readonly read: RegExp;
}

export interface User {
  readonly password: string;
  /** By virtual host; a user may not open one that is missing here. Left out: everything in all of them. */
  readonly permissions?: Readonly<Record<string, Permissions>>;
}

export type Users = Readonly<Record<string, User>>;

/** Who is at the other end of a connection, and what that allows. */
export interface Identity {
  readonly name: string;
  readonly permissions: Permissions | undefined;
}

export const mechanisms = "PLAIN AMQPLAIN";

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/**
 * The name of the user that the response of a SASL mechanism proves, or undefined.
 * https://www.rabbitmq.com/docs/access-control#mechanisms
 */
export function authenticate(users: Users, mechanism: string, response: Buffer): string | undefined {
  const credentials = credentialsIn(mechanism, response);
  if (!credentials) return undefined;
  return isPassword(users, credentials.name, credentials.password) ? credentials.name : undefined;
}

/** Whether there is such a user and this is the password; takes as long either way. */
export function isPassword(users: Users, name: string, password: string): boolean {
  const user = Object.hasOwn(users, name) ? users[name] : undefined;
  const isRight = sameText(user?.password ?? "", password);
  return user !== undefined && isRight;
}

function credentialsIn(mechanism: string, response: Buffer): Credentials | undefined {
  if (mechanism === "PLAIN") return plainCredentials(response);
  if (mechanism === "AMQPLAIN") return tableCredentials(response);
  throw new Fault("not-allowed", `unsupported authentication mechanism '${mechanism}'`);
}

/** `[authorization id] NUL name NUL password`, RFC 4616. */
function plainCredentials(response: Buffer): Credentials | undefined {
  const [, name, password, ...rest] = response.toString("utf8").split("\0");
  if (name === undefined || password === undefined || rest.length > 0) return undefined;
  return { name, password };
}

/** A field table without its length: `LOGIN` and `PASSWORD`. */
function tableCredentials(response: Buffer): Credentials | undefined {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(response.length);
  const table = readTable(new Reader(Buffer.concat([length, response])));
  const name = textOf(table.get("LOGIN"));
  const password = textOf(table.get("PASSWORD"));
  return name === undefined || password === undefined ? undefined : { name, password };
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** An `access-refused` fault unless the user may. https://www.rabbitmq.com/docs/access-control#authorisation */
export function requireAccess(
  identity: Identity,
  verb: keyof Permissions,
  name: string,
  label: string,
): void {
  if (!identity.permissions || identity.permissions[verb].test(name)) return;
  throw new Fault("access-refused", `access to ${label} refused for user '${identity.name}'`);
}
