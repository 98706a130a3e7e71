import { describe, expect, test } from "vitest";
import { RequestRates } from "./request-rates.ts";

const at = (milliseconds: number) => new Date(Date.UTC(2026, 10, 21) + milliseconds);
const put = { account: "111122223333", region: "us-east-1", operation: "PutImage" };
const token = { ...put, operation: "GetAuthorizationToken" };

function taken(
  rates: RequestRates,
  call: typeof put,
  { times, now, quotas = "quotas" }: { times: number; now: Date; quotas?: "quotas" | "olderTokens" },
): number {
  return Array.from({ length: times }, () => rates.take(call, quotas, now)).filter(Boolean).length;
}

describe("calls", () => {
  test("are as many as come in within a second, and again so many a second later", () => {
    const rates = new RequestRates();
    expect(taken(rates, put, { times: 15, now: at(0) })).toBe(10);
    expect(taken(rates, put, { times: 15, now: at(500) })).toBe(5);
    expect(taken(rates, put, { times: 15, now: at(550) })).toBe(0);
    expect(taken(rates, put, { times: 15, now: at(60_000) })).toBe(10);
  });

  test("of another account, Region or operation have rooms of their own", () => {
    const rates = new RequestRates();
    taken(rates, put, { times: 10, now: at(0) });
    for (const other of [
      { ...put, account: "444455556666" },
      { ...put, region: "us-west-2" },
      { ...put, operation: "InitiateLayerUpload" },
    ])
      expect(rates.take(other, "quotas", at(0))).toBe(true);
    expect(rates.take(put, "quotas", at(0))).toBe(false);
  });

  test("without a published quota are as many as come", () => {
    const describing = { ...put, operation: "DescribeImages" };
    expect(taken(new RequestRates(), describing, { times: 5_000, now: at(0) })).toBe(5_000);
    expect(taken(new RequestRates(), { ...put, operation: "toString" }, { times: 9, now: at(0) })).toBe(9);
  });

  test("for tokens are 500 a second, or 20 with a burst of 200", () => {
    expect(taken(new RequestRates(), token, { times: 600, now: at(0) })).toBe(500);
    const older = new RequestRates();
    expect(taken(older, token, { times: 600, now: at(0), quotas: "olderTokens" })).toBe(200);
    expect(taken(older, token, { times: 600, now: at(1000), quotas: "olderTokens" })).toBe(20);
  });

  test("get no more room by a clock that is set back", () => {
    const rates = new RequestRates();
    taken(rates, put, { times: 10, now: at(3_600_000) });
    expect(taken(rates, put, { times: 1, now: at(0) })).toBe(0);
    expect(taken(rates, put, { times: 15, now: at(1000) })).toBe(10);
  });
});
