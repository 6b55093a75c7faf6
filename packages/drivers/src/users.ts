import { readFileSync } from "node:fs";
import { Refusal } from "@fractus/core/refusal.ts";

export interface User {
  readonly uid: number;
  readonly gid: number;
  /** Absent for a bare number that has no name here. */
  readonly name?: string;
}

/**
 * The user of that name or number, or `uid:gid`. Refuses a name that is not there.
 *
 * @param passwd the text of /etc/passwd
 */
export function findUser(wanted: string, passwd: string): User {
  const numbers = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(wanted);
  const entries = passwd.split("\n").map((line) => line.split(":"));
  const entry = entries.find(([name, , uid]) =>
    numbers ? uid === numbers[1] : name === wanted && name !== "",
  );
  if (!numbers && !entry)
    throw new Refusal("invalid", `There is no user ${JSON.stringify(wanted)} on this machine.`);
  const [name, , uid, gid] = entry ?? [];
  return {
    uid: Number(numbers?.[1] ?? uid),
    gid: Number(numbers?.[2] ?? gid ?? numbers?.[1]),
    ...(name !== undefined && { name }),
  };
}

export function findUserHere(wanted: string): User {
  return findUser(wanted, readFileSync("/etc/passwd", "utf8"));
}

/** How `setpriv` becomes that user. */
export function becomeUser({ uid, gid, name }: User): string[] {
  return [`--reuid=${uid}`, `--regid=${gid}`, name === undefined ? "--clear-groups" : "--init-groups"];
}
