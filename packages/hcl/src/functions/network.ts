/** The `cidr…` functions: address arithmetic for IPv4 and IPv6. */
import { FunctionFault, type HclFunction, parameter } from "../function.ts";
import { listValue, numberType, stringType, stringValue } from "../value.ts";
import { aNumber, aString, define, defineVariadic, integerOf, textOf } from "./arguments.ts";

/** A network: address bits as a number, how many there are, and how many of them are fixed. */
interface Prefix {
  readonly address: bigint;
  readonly bits: 32 | 128;
  readonly length: number;
}

export const networkFunctions: readonly HclFunction[] = [
  define("cidrhost", [aString("prefix"), aNumber("hostnum")], (prefix, number) => {
    const network = parsePrefix(textOf(prefix));
    return stringValue(formatAddress(hostAddress(network, BigInt(integerOf(number, 1))), network.bits));
  }),
  define("cidrnetmask", [aString("prefix")], (prefix) => {
    const network = parsePrefix(textOf(prefix));
    return stringValue(formatAddress(maskOf(network), network.bits));
  }),
  define("cidrsubnet", [aString("prefix"), aNumber("newbits"), aNumber("netnum")], (prefix, bits, number) =>
    stringValue(
      formatPrefix(subnet(parsePrefix(textOf(prefix)), integerOf(bits, 1), BigInt(integerOf(number, 2)))),
    ),
  ),
  defineVariadic("cidrsubnets", [aString("prefix")], parameter("newbits", numberType), (prefix, ...bits) => {
    const lengths = bits.map((value, index) => integerOf(value, index + 1));
    return listValue(
      stringType,
      consecutive(parsePrefix(textOf(prefix)), lengths).map((each) => stringValue(formatPrefix(each))),
    );
  }),
];

function maskOf({ bits, length }: Prefix): bigint {
  return ((1n << BigInt(length)) - 1n) << BigInt(bits - length);
}

/** A negative number counts back from the last address. */
function hostAddress(network: Prefix, number: bigint): bigint {
  const size = 1n << BigInt(network.bits - network.length);
  const magnitude = number < 0n ? -number - 1n : number;
  if (magnitude >= size)
    throw new FunctionFault(`prefix of ${network.length} does not accommodate a host numbered ${number}`, 1);
  return network.address + (number < 0n ? size + number : number);
}

function subnet(network: Prefix, newBits: number, number: bigint): Prefix {
  const length = network.length + newBits;
  if (newBits > 32) throw new FunctionFault("may not extend prefix by more than 32 bits", 1);
  if (newBits < 0 || length > network.bits)
    throw new FunctionFault(
      `not enough remaining address space for a subnet with a prefix of ${length} bits`,
      1,
    );
  if (number < 0n || number >= 1n << BigInt(newBits))
    throw new FunctionFault(
      `prefix extension of ${newBits} does not accommodate a subnet numbered ${number}`,
      2,
    );
  return { address: network.address + (number << BigInt(network.bits - length)), bits: network.bits, length };
}

/** Subnets of the wanted sizes one after the other, each on its natural boundary. */
function consecutive(network: Prefix, newBits: readonly number[]): Prefix[] {
  let next = network.address;
  const end = network.address + (1n << BigInt(network.bits - network.length));
  return newBits.map((each, index) => {
    const length = network.length + each;
    if (each < 1 || each > 32)
      throw new FunctionFault("must extend prefix by between 1 and 32 bits", index + 1);
    if (length > network.bits)
      throw new FunctionFault(`would extend prefix to ${length} bits, which is too long`, index + 1);
    const size = 1n << BigInt(network.bits - length);
    const address = ((next + size - 1n) / size) * size;
    if (address + size > end)
      throw new FunctionFault("not enough remaining address space for all of the subnets", index + 1);
    next = address + size;
    return { address, bits: network.bits, length };
  });
}

function parsePrefix(text: string): Prefix {
  const [addressText, lengthText, ...rest] = text.split("/");
  const parsed = parseAddress(addressText);
  const length = /^\d{1,3}$/.test(lengthText ?? "") && rest.length === 0 ? Number(lengthText) : -1;
  if (!parsed || length < 0 || length > parsed.bits)
    throw new FunctionFault(`invalid CIDR expression: invalid CIDR address: ${text}`, 0);
  const network = unmapped({ ...parsed, length });
  return { ...network, address: network.address & maskOf(network) };
}

/** IPv4 written as IPv6 (`::ffff:a.b.c.d`) counts as IPv4. */
function unmapped(prefix: Prefix): Prefix {
  if (prefix.bits === 32 || prefix.length < 96 || prefix.address >> 32n !== 0xffffn) return prefix;
  return { address: prefix.address & 0xffffffffn, bits: 32, length: prefix.length - 96 };
}

function parseAddress(text: string): { address: bigint; bits: 32 | 128 } | undefined {
  if (!text.includes(":")) {
    const address = parseDotted(text);
    return address === undefined ? undefined : { address, bits: 32 };
  }
  const [head, tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: Math.max(0, missing) }, () => 0n), ...after];
  return { address: groups.reduce((sum, group) => (sum << 16n) + group, 0n), bits: 128 };
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const dotted = index === parts.length - 1 && part.includes(".") ? parseDotted(part) : undefined;
    if (dotted !== undefined) groups.push(dotted >> 16n, dotted & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function parseDotted(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255))
    return undefined;
  return parts.reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address, prefix.bits)}/${prefix.length}`;
}

function formatAddress(address: bigint, bits: 32 | 128): string {
  const width = bits === 32 ? 8n : 16n;
  const parts = Array.from(
    { length: bits === 32 ? 4 : 8 },
    (_, index) => (address >> (BigInt(bits) - width * BigInt(index + 1))) & ((1n << width) - 1n),
  );
  return bits === 32 ? parts.join(".") : compressed(parts.map((part) => part.toString(16)));
}

/** The longest run of two zero groups or more becomes `::`. https://www.rfc-editor.org/rfc/rfc5952 */
function compressed(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}
