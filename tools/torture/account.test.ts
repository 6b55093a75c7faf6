import assert from "node:assert/strict";
import { test } from "node:test";
import { Account } from "./account.ts";

const isSame = (one: string, found: string) => one === found;

function accountOf(...requests: readonly (readonly ["acknowledged" | "unanswered", string | undefined])[]) {
  const account = new Account<string>();
  for (const [answer, value] of requests) account[answer](() => value);
  return account;
}

test("account: what was acknowledged must be there", () => {
  assert.equal(accountOf(["acknowledged", "a"]).found("a", isSame), undefined);
  assert.match(accountOf(["acknowledged", "a"]).found(undefined, isSame)!, /absent instead of "a"/);
  assert.match(accountOf(["acknowledged", "a"]).found("b", isSame)!, /"b" instead of "a"/);
  assert.match(accountOf(["acknowledged", undefined]).found("a", isSame)!, /"a" instead of absent/);
});

test("account: what was not answered may be there or not", () => {
  const requests = [
    ["acknowledged", "a"],
    ["unanswered", "b"],
  ] as const;
  assert.equal(accountOf(...requests).certain, undefined);
  for (const value of ["a", "b"]) assert.equal(accountOf(...requests).found(value, isSame), undefined);
  assert.match(accountOf(...requests).found("c", isSame)!, /"c" instead of "a" or "b"/);
});

test("account: an acknowledgement ends all doubt, and so does looking", () => {
  assert.equal(
    accountOf(["unanswered", "a"], ["acknowledged", "b"]).isPossible((one) => one !== "b"),
    false,
  );
  const looked = accountOf(["unanswered", "a"]);
  looked.found("a", isSame);
  assert.equal(looked.certain, "a");
});
