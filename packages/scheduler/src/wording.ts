import type { Ask } from "./ask.ts";
import type { AmountShortage } from "./reason.ts";

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listOf(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
}

/** `1 node`, `3 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The form of a verb that goes with so many. */
export function verb(count: number, forms: { readonly one: string; readonly many: string }): string {
  return count === 1 ? forms.one : forms.many;
}

/** `812 MiB`, `1.5 GiB`: at most one decimal, and never more than there is. */
export function bytesText(bytes: number): string {
  if (bytes <= 0) return "nothing";
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1 && (amount % 1024 === 0 || amount >= 10_240 || unit < 2)) {
    amount /= 1024;
    unit++;
  }
  return `${Math.floor(amount * 10) / 10} ${units[unit]}`;
}

/** An amount of what runs short, with its unit; CPU in cores if it was asked for in cores. */
export function amountText(ask: Ask, { kind, mhzPerCore }: AmountShortage, amount: number): string {
  if (kind === "memory" || kind === "disk") return bytesText(amount);
  if (amount <= 0) return "nothing";
  if (kind === "cores") return counted(amount, "core");
  return ask.resources.cpuMhz === 0 ? counted(Math.floor(amount / mhzPerCore), "vCPU") : `${amount} MHz`;
}

/** What runs short, by name. */
export function amountName(kind: AmountShortage["kind"]): string {
  return { cpu: "CPU", memory: "memory", disk: "disk", cores: "CPU to have alone" }[kind];
}

/** What a person calls an instance: `web.front`, or `server vm1`; its own id behind it if that says more. */
export function instanceText(instance: {
  readonly job: string;
  readonly group: string;
  readonly id: string | undefined;
}): string {
  const job = instance.job.slice(instance.job.lastIndexOf("/") + 1);
  if (instance.group === "") return `server ${job}`;
  const name = instance.group === job ? job : `${job}.${instance.group}`;
  const id = instance.id?.slice(0, 8);
  return id === undefined || id === name ? name : `${name} (${id})`;
}
