import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { invalidParameter } from "../core/errors.ts";
import { DEFAULT_SCANNING } from "../core/scanning.ts";
import type { Sql } from "../storage/database.ts";
import { findDocument, type ScanningConfiguration } from "../storage/registry-documents.ts";
import { patternConstraint } from "./refuse-input.ts";

const Filter = z.object({
  filter: z
    .string()
    .min(1)
    .max(255)
    // The model's own expression backtracks without end; this one has the same language.
    .refine(
      (filter) => /^[a-z0-9*]+(?:[._\-/][a-z0-9*]+)*$/.test(filter),
      patternConstraint(String.raw`[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*`),
    ),
  filterType: z.enum(["WILDCARD"]),
});

export const ScanningInput = z.object({
  scanType: z.enum(["BASIC", "ENHANCED"]).default("BASIC"),
  rules: z
    .array(
      z.object({
        scanFrequency: z.enum(["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"]),
        repositoryFilters: z.array(Filter).max(100),
      }),
    )
    .max(2)
    .default([]),
});

/** What each scan type knows: basic scanning is not continuous, enhanced scanning is not started by hand. */
const FREQUENCIES: Readonly<Record<ScanningConfiguration["scanType"], readonly string[]>> = {
  BASIC: ["SCAN_ON_PUSH", "MANUAL"],
  ENHANCED: ["SCAN_ON_PUSH", "CONTINUOUS_SCAN"],
};

/** Throws InvalidParameterException for a frequency that the scan type has not, or that two rules have. */
export function requireFrequencies({ scanType, rules }: ScanningConfiguration): void {
  const frequencies = rules.map(({ scanFrequency }) => scanFrequency);
  const foreign = frequencies.find((frequency) => !FREQUENCIES[scanType].includes(frequency));
  if (foreign !== undefined)
    throw invalidParameter("rules", `scanFrequency ${foreign} is not supported for scan type ${scanType}`);
  if (new Set(frequencies).size < frequencies.length)
    throw invalidParameter("rules", "each scanFrequency can have one rule");
}

/** What was put, or ECR's default: basic scanning, no rules. */
export function scanningConfiguration(sql: Sql, registry: Registry): ScanningConfiguration {
  return findDocument(sql, registry, { kind: "scanning" }) ?? DEFAULT_SCANNING;
}
