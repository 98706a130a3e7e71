import { describe, expect, test } from "vitest";
import type { RegistryTotals } from "../registry/registry-records.ts";
import { type Counted, sumTotals, type TotalsBy } from "./sum-totals.ts";

const GB = 2 ** 30;
const PRICES = { standardPerGbMonth: 0.1, archivePerGbMonth: 0.05 };

function counted(name: string, totals?: Partial<RegistryTotals>): Counted {
  const [account = "", region = ""] = name.split("/");
  const registry = { account, region };
  if (totals === undefined) return { registry, totals };
  return {
    registry,
    totals: {
      ...registry,
      asOf: "2026-11-21T12:00:00.000Z",
      repositories: 1,
      images: 10,
      tags: 7,
      openViolations: 2,
      billedBytes: 3 * GB,
      archivedBytes: GB,
      sharedBytes: 5,
      imagesOfUnknownSize: 1,
      byResourceTag: {},
      version: 1,
      ...totals,
    },
  };
}

const FLEET = [
  counted("222222222222/us-east-1", {
    images: 30,
    asOf: "2026-11-20T12:00:00.000Z",
    byResourceTag: { "team=web": { repositories: 1, images: 30, billedBytes: 4 } },
  }),
  counted("111111111111/us-west-2", {}),
  counted("111111111111/us-east-1", {
    byResourceTag: {
      "team=web": { repositories: 2, images: 3, billedBytes: 9 },
      "teams=all": { repositories: 1, images: 1, billedBytes: 1 },
    },
  }),
  counted("333333333333/us-east-1"),
];
const sum = (by: TotalsBy, key?: string) =>
  sumTotals(FLEET, { by, prices: PRICES, ...(key !== undefined && { key }) });

describe("totals", () => {
  test.each<[TotalsBy, Record<string, number>]>([
    [
      "registry",
      { "111111111111/us-east-1": 10, "111111111111/us-west-2": 10, "222222222222/us-east-1": 30 },
    ],
    ["account", { "111111111111": 20, "222222222222": 30 }],
    ["region", { "us-east-1": 40, "us-west-2": 10 }],
    ["resource-tag", { "team=web": 33, "teams=all": 1 }],
  ])("by %s are one line for each, in order of name", (by, images) => {
    expect(Object.fromEntries(sum(by).lines.map((line) => [line.name, line.images]))).toEqual(images);
    expect(sum(by).lines.map((line) => line.name)).toEqual(Object.keys(images));
  });

  test("add everything up, cost standard and archived bytes at their prices, and are as old as the oldest", () => {
    expect(sum("region").lines[0]).toEqual({
      name: "us-east-1",
      repositories: 2,
      images: 40,
      tags: 14,
      openViolations: 4,
      billedBytes: 6 * GB,
      sharedBytes: 10,
      imagesOfUnknownSize: 2,
      monthlyCost: 2 * (2 * 0.1 + 1 * 0.05),
      asOf: "2026-11-20T12:00:00.000Z",
    });
  });

  test("of one resource tag's key are its values alone, and say of nothing what is not counted by tag", () => {
    expect(sum("resource-tag", "team").lines).toEqual([
      { name: "team=web", repositories: 3, images: 33, billedBytes: 13, asOf: "2026-11-20T12:00:00.000Z" },
    ]);
  });

  test("name the registries that nobody has counted", () => {
    expect(sum("account").uncounted).toEqual([{ account: "333333333333", region: "us-east-1" }]);
  });
});
