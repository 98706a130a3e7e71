import { describe, expect, test } from "vitest";
import { createTokenCheck, issueToken } from "./authorization-token.ts";

const secret = Buffer.from("a secret of the registry");
/** One for all tests: what it remembers must not matter. */
const checkToken = createTokenCheck(secret);
const issued = new Date("2026-11-21T10:00:00.000Z");
const caller = {
  account: "111122223333",
  arn: "arn:aws:sts::111122223333:assumed-role/tallyman-reader/plan-7",
  sessionPolicies: ['{"Version":"2012-10-17"}'],
};
const later = (milliseconds: number) => new Date(issued.getTime() + milliseconds);
const TWELVE_HOURS = 12 * 60 * 60 * 1000;

describe("an authorization token", () => {
  test("gives back who asked, session policies included, and for which Region", () => {
    const { password } = issueToken(secret, { caller, region: "eu-central-1" }, issued);
    expect(checkToken(password, issued)).toEqual({
      valid: true,
      token: { caller, region: "eu-central-1" },
    });
  });

  test("is longer than 1 KiB, also for a short principal", () => {
    const { password } = issueToken(secret, { caller: { account: "1", arn: "a" }, region: "r" }, issued);
    expect(password.length).toBeGreaterThan(1024);
  });

  test("is good until, and not at, twelve hours after it was issued", () => {
    const { password, expiresAt } = issueToken(secret, { caller, region: "us-east-1" }, issued);
    expect(expiresAt).toEqual(later(TWELVE_HOURS));
    expect(checkToken(password, later(TWELVE_HOURS - 1)).valid).toBe(true);
    expect(checkToken(password, later(TWELVE_HOURS))).toEqual({ valid: false, because: "expired" });
  });

  test("of another secret is malformed", () => {
    const { password } = issueToken(Buffer.from("other"), { caller, region: "us-east-1" }, issued);
    expect(checkToken(password, issued)).toEqual({ valid: false, because: "malformed" });
  });

  test("is malformed after any change to it", () => {
    const { password } = issueToken(secret, { caller, region: "us-east-1" }, issued);
    const changed = [
      "",
      ".",
      password.slice(0, -1),
      `${password}A`,
      `${password}.x`,
      `A${password.slice(1)}`,
      password.replace(".", ""),
    ];
    expect(checkToken(password, issued).valid).toBe(true);
    for (const text of changed) {
      expect(checkToken(text, issued)).toEqual({ valid: false, because: "malformed" });
    }
  });
});
