import { expect, test } from "vitest";
import { isFargateSize } from "./fargate-sizes.ts";

test.each([
  ["256", "512", true],
  ["256", "1536", false],
  ["256", "4096", false],
  [".25 vCPU", "0.5 GB", true],
  ["1 vCPU", "2GB", true],
  ["512", "1024", true],
  ["512", "1536", false],
  ["1024", "9216", false],
  ["4096", "30720", true],
  ["8192", "16384", true],
  ["8192", "17408", false],
  ["16384", "122880", true],
  ["300", "512", false],
  ["", "", false],
  ["constructor", "512", false],
])("%s CPU with %s of memory: %s", (cpu, memory, expected) => {
  expect(isFargateSize(cpu, memory)).toBe(expected);
});
