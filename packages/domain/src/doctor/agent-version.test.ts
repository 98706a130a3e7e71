import { expect, test } from "vitest";
import { checkAgentVersion } from "./agent-version.ts";

test.each([
  ["1.6.2", "problem"],
  ["1.6.99", "problem"],
  ["0.99.0", "problem"],
  ["1.7.0", "warning"],
  ["v1.7.0", "warning"],
  ["1.15.9", "warning"],
  ["1.16.0", "ok"],
  ["1.100.0", "ok"],
  ["2.0.0", "ok"],
  ["1.82.3-dev", "ok"],
  [undefined, "unknown"],
  ["", "unknown"],
  ["latest", "unknown"],
  ["1.7", "unknown"],
  ["1.16.0.1", "unknown"],
])("an agent of version %s is %s", (version, verdict) => {
  const opinion = checkAgentVersion(version);
  expect(opinion.verdict).toBe(verdict);
  expect(opinion.remedy === undefined).toBe(verdict === "ok");
});
