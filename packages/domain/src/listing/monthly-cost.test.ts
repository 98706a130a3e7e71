import { expect, test } from "vitest";
import { monthlyCost } from "./monthly-cost.ts";

const GIB = 1_073_741_824;
const PRICES = { standardPerGbMonth: 0.1, archivePerGbMonth: 0.07 };

test.each([
  ["nothing", 0, 0, 0],
  ["a hundred GB", 100 * GIB, 0, 10],
  ["a hundred GB, forty of them archived", 100 * GIB, 40 * GIB, 8.8],
  ["archived ones alone", 100 * GIB, 100 * GIB, 7],
  ["one byte", 1, 0, 0.1 / GIB],
])("a month of %s costs what the table says", (_, billedBytes, archivedBytes, usd) => {
  expect(monthlyCost({ billedBytes, archivedBytes }, PRICES)).toBeCloseTo(usd, 12);
});
