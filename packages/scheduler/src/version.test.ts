import assert from "node:assert/strict";
import { test } from "node:test";
import { satisfiesVersion } from "./version.ts";

/** `version ; conditions ; yes or no`, one a line. */
function check(reading: "version" | "semver", lines: string): void {
  for (const line of lines.split("\n").filter((text) => text.trim() !== "")) {
    const [version, conditions, verdict] = line.split(";").map((part) => part.trim());
    assert.equal(satisfiesVersion(version, conditions, reading), verdict === "yes", line);
  }
}

test("version: several conditions must all be met, and short forms are filled with zeros", () => {
  check(
    "version",
    `
    1.2.3    ; >= 1.2, < 2 ; yes
    2.0      ; >= 1.2, < 2 ; no
    v5.10    ; > 4.0       ; yes
    5.10.0.1 ; > 5.10      ; yes
    1.0      ; 1.0.0       ; yes
    1.0      ; != 1        ; no
    17.12    ; >= 17.6     ; yes
    hello    ; > 1         ; no
    1.0      ; banana      ; no
  `,
  );
});

test("version: a pessimistic condition lets only the last written part grow", () => {
  check(
    "version",
    `
    1.2.9 ; ~> 1.2.3 ; yes
    1.3.0 ; ~> 1.2.3 ; no
    1.9   ; ~> 1.2   ; yes
    2.0   ; ~> 1.2   ; no
    1.2.2 ; ~> 1.2.3 ; no
  `,
  );
});

test("version: a prerelease meets only a condition that names one of the same base", () => {
  check(
    "version",
    `
    1.6.0-beta  ; >= 1.0        ; no
    1.6.0-beta2 ; > 1.6.0-beta1 ; yes
    1.7.0-beta  ; > 1.6.0-beta1 ; no
    5.10.0-28-amd64 ; >= 5.4    ; no
  `,
  );
});

test("version: semver is strict in form and orders prereleases", () => {
  check(
    "semver",
    `
    1.6.0-beta    ; >= 1.0.0      ; yes
    1.0.0-alpha.2 ; < 1.0.0-alpha.10 ; yes
    1.0.0-alpha   ; < 1.0.0       ; yes
    1.0.0-1       ; < 1.0.0-a     ; yes
    1.0           ; >= 1.0.0      ; no
    1.2.3         ; ~> 1.2.0      ; no
    1.0.0+build5  ; = 1.0.0       ; yes
  `,
  );
});
