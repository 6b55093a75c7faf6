/** Rules for constraint, affinity and spread. */
import { isInterpolated, number, partsOf, repeated, text, type Findings, type Part } from "./findings.ts";

/** The conditions of a job, group, task or device. */
export function checkPlacement(part: Part, findings: Findings): void {
  for (const constraint of partsOf(part, "Constraints")) checkCondition(constraint, findings);
  for (const affinity of partsOf(part, "Affinities")) {
    checkCondition(affinity, findings);
    checkWeight(affinity, findings);
  }
  for (const spread of partsOf(part, "Spreads")) checkSpread(spread, findings);
}

/** Operators that need no attribute, and those that need no value. */
const withoutAttribute = new Set(["distinct_hosts"]);
const withoutValue = new Set([
  "distinct_hosts",
  "distinct_property",
  "is_set",
  "is_not_set",
  "=",
  "==",
  "is",
  "!=",
  "not",
]);

function checkCondition({ given, full }: Part, findings: Findings): void {
  const operator = text(full.Operand);
  const value = text(full.RTarget);
  if (!withoutAttribute.has(operator) && text(full.LTarget) === "") {
    findings.error(
      given,
      undefined,
      "Missing attribute",
      `The operator ${operator} needs an attribute to look at.`,
    );
  }
  if (!withoutValue.has(operator) && value === "") {
    findings.error(
      given,
      undefined,
      "Missing value",
      `The operator ${operator} needs a value to compare with.`,
    );
  }
  if (isInterpolated(value)) return;
  if (operator === "regexp" && !isRegularExpression(value)) {
    findings.error(
      given,
      "RTarget",
      "Invalid expression",
      `${JSON.stringify(value)} is not a regular expression.`,
    );
  }
  if ((operator === "version" || operator === "semver") && value !== "" && !versionRange.test(value)) {
    findings.error(
      given,
      "RTarget",
      "Invalid range",
      `${JSON.stringify(value)} is not a range of versions such as ">= 1.2, < 2".`,
    );
  }
  if (operator === "distinct_property" && value !== "" && !/^[1-9]\d*$/.test(value)) {
    findings.error(
      given,
      "RTarget",
      "Invalid count",
      "The value of distinct_property is how often each may occur, at least 1.",
    );
  }
  if (operator === "distinct_hosts" && !["", "true", "false"].includes(value)) {
    findings.error(given, "RTarget", "Invalid value", "The value of distinct_hosts is true or false.");
  }
}

const versionRange =
  /^\s*(?:(?:[=<>~]=?|>=|<=|!=|~>)?\s*v?\d+(?:\.\d+)*(?:-[0-9A-Za-z.~-]+)?(?:\+[0-9A-Za-z.~-]+)?\s*(?:,|$)\s*)+$/;

/** Some of RE2 is written differently in JavaScript; what both refuse is refused here. */
function isRegularExpression(pattern: string): boolean {
  const portable = pattern
    .replaceAll("(?P<", "(?<")
    .replace(/^\(\?[imsU]+\)/, "")
    .replaceAll(/\\[AzQE]|\[\[:\^?\w+:\]\]/g, "x");
  try {
    return new RegExp(portable) instanceof RegExp;
  } catch {
    return false;
  }
}

function checkWeight({ given, full }: Part, findings: Findings): void {
  const weight = number(full.Weight);
  if (weight === 0)
    findings.error(
      given,
      "Weight",
      "Weightless affinity",
      "An affinity of weight 0 has no effect; leave it out or weigh it.",
    );
  if (weight < -100 || weight > 100) {
    findings.error(
      given,
      "Weight",
      "Weight out of bounds",
      `weight is between -100 and 100, but it is ${weight}.`,
    );
  }
}

function checkSpread(spread: Part, findings: Findings): void {
  const { given, full } = spread;
  const weight = number(full.Weight);
  if (text(full.Attribute) === "")
    findings.error(
      given,
      undefined,
      "Missing attribute",
      "A spread needs the attribute over which it spreads.",
    );
  if (weight < 0 || weight > 100) {
    findings.error(
      given,
      "Weight",
      "Weight out of bounds",
      `weight is between 0 and 100, but it is ${weight}.`,
    );
  }
  const targets = partsOf(spread, "SpreadTarget");
  for (const [value, target] of repeated(targets, (each) => text(each.full.Value))) {
    findings.error(target.given, undefined, "Duplicate target", `There is already a target for ${value}.`);
  }
  for (const target of targets) {
    const percent = number(target.full.Percent);
    if (percent >= 0 && percent <= 100) continue;
    findings.error(
      target.given,
      "Percent",
      "Percentage out of bounds",
      `percent is between 0 and 100, but it is ${percent}.`,
    );
  }
  const sum = targets.reduce((total, target) => total + number(target.full.Percent), 0);
  if (sum > 100)
    findings.error(given, "SpreadTarget", "More than everything", `The targets add up to ${sum} percent.`);
}
