import { expect, test } from "vitest";
import { agentIsAtLeast } from "./agent-version.ts";

test.each([
  ["1.7.0", "1.7.0", true],
  ["1.6.99", "1.7.0", false],
  ["1.10.0", "1.7.0", true],
  ["2.0.0", "1.7.0", true],
  ["0.9.9", "1.7.0", false],
  ["v1.89.1", "1.31.0", true],
  ["1.7", "1.7.0", false],
  ["", "1.7.0", false],
  ["latest", "1.7.0", false],
  ["1.7.0-rc1", "1.7.0", true],
])("agent %j is at least %s: %s", (version, least, expected) => {
  expect(agentIsAtLeast(version, least)).toBe(expected);
});
