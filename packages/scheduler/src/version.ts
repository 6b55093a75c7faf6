/**
 * Whether a version satisfies comma-separated conditions such as `>= 1.2, < 2`.
 *
 * Two readings exist. `version` is lenient about the form (`v1.2`, `5.10`), knows `~>`, and takes a
 * prerelease only where the condition names one of the same base version
 * (https://github.com/hashicorp/go-version). `semver` wants strict Semantic Versioning and orders
 * prereleases like anything else (https://semver.org/#spec-item-11).
 *
 * Anything that is not a version, or not a condition, is not satisfied.
 */
export function satisfiesVersion(
  version: string,
  conditions: string,
  reading: "version" | "semver",
): boolean {
  const actual = parseVersion(version, reading);
  if (actual === undefined) return false;
  return conditions.split(",").every((text) => {
    const condition = parseCondition(text, reading);
    return condition !== undefined && meets(actual, condition, reading);
  });
}

interface Version {
  readonly segments: readonly number[];
  /** How many segments were written: `~> 1.2` and `~> 1.2.0` mean different things. */
  readonly written: number;
  readonly prerelease: readonly string[];
}

interface Condition {
  readonly operator: string;
  readonly version: Version;
}

const lenient = /^v?(\d+(?:\.\d+)*)(?:-?([0-9a-z~-]+(?:\.[0-9a-z~-]+)*))?(?:\+[0-9a-z.~-]+)?$/i;
const strict =
  /^((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*))(?:-([0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z-.]+)?$/i;

function parseVersion(text: string, reading: "version" | "semver"): Version | undefined {
  const match = (reading === "semver" ? strict : lenient).exec(text.trim());
  if (!match) return undefined;
  const segments = match[1].split(".").map(Number);
  const written = segments.length;
  while (segments.length < 3) segments.push(0);
  return { segments, written, prerelease: match[2] ? match[2].split(".") : [] };
}

function parseCondition(text: string, reading: "version" | "semver"): Condition | undefined {
  const [, operator, rest] = /^\s*(=|!=|>=|<=|>|<|~>|)\s*(\S+)\s*$/.exec(text) ?? [];
  if (rest === undefined || (operator === "~>" && reading === "semver")) return undefined;
  const version = parseVersion(rest, reading);
  return version && { operator, version };
}

function meets(actual: Version, { operator, version }: Condition, reading: "version" | "semver"): boolean {
  const order = compareVersions(actual, version);
  if (operator === "=" || operator === "") return order === 0;
  if (operator === "!=") return order !== 0;
  if (reading === "version" && !prereleaseMayMeet(actual, version)) return false;
  if (operator === ">") return order > 0;
  if (operator === ">=") return order >= 0;
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return order >= 0 && isPessimisticallyClose(actual, version);
}

function prereleaseMayMeet(actual: Version, wanted: Version): boolean {
  if (actual.prerelease.length === 0) return true;
  return wanted.prerelease.length > 0 && compareSegments(actual, wanted) === 0;
}

/** `~> 1.2.3` stays within 1.2, `~> 1.2` within 1. */
function isPessimisticallyClose(actual: Version, wanted: Version): boolean {
  if (wanted.prerelease.length > 0 && actual.prerelease.length === 0) return false;
  const fixed = wanted.segments.slice(0, wanted.written - 1);
  return fixed.every((segment, index) => actual.segments[index] === segment);
}

function compareVersions(a: Version, b: Version): number {
  const bySegments = compareSegments(a, b);
  if (bySegments !== 0) return bySegments;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Number(a.prerelease.length === 0) - Number(b.prerelease.length === 0);
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function compareSegments(a: Version, b: Version): number {
  for (let i = 0; i < Math.max(a.segments.length, b.segments.length); i++) {
    const difference = (a.segments[i] ?? 0) - (b.segments[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers come before words and are compared as numbers; what is longer comes later. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue;
    const [x, y] = [a[i], b[i]].map((part) => (/^\d+$/.test(part) ? Number(part) : undefined));
    if (x !== undefined && y !== undefined) return x - y;
    if (x !== undefined || y !== undefined) return x !== undefined ? -1 : 1;
    return a[i] < b[i] ? -1 : 1;
  }
  return a.length - b.length;
}
