import { DOUBTS, type Doubt } from "@tallyman/domain/usage/doubt";
import type { ScopeStatus } from "@tallyman/domain/usage/usage-status";
import * as z from "zod";
import { documented } from "../documented.ts";

const reasons = () => ({
  why: z.enum(DOUBTS),
  since: z.string().optional(),
  reason: z.string(),
  remedy: z.string().openapi({ description: "What ends it" }),
});

export const DoubtView = documented(() =>
  z
    .object({
      ...reasons(),
      consumer: z
        .string()
        .optional()
        .openapi({ description: "The account of which it is not known what runs" }),
      source: z.string().optional(),
      scope: z.string().optional(),
    })
    .openapi("Doubt"),
);

export const ScopeView = documented(() =>
  z
    .object({
      source: z.string(),
      scope: z.string().optional().openapi({ description: "Absent: a source that has never reported any" }),
      account: z.string(),
      collected: z.boolean().openapi({ description: "false: it reports by itself" }),
      maxAgeHours: z.number(),
      ageSeconds: z.number().optional(),
      sequence: z.number().int().openapi({ description: "Of the report in force; 0: none" }),
      observedAt: z.string().optional(),
      acceptedAt: z.string().optional(),
      subjects: z.number().int().openapi({ description: "Images and tags that the report in force names" }),
      suspect: z
        .object({
          sequence: z.number().int(),
          observedAt: z.string(),
          receivedAt: z.string(),
          subjects: z.number().int(),
          missing: z.number().int(),
          reason: z.string(),
          accepted: z.object({ by: z.string(), at: z.string() }).optional(),
        })
        .optional()
        .openapi({ description: "A report that is not believed: a person may accept it" }),
      failure: z.object({ at: z.string(), reason: z.string() }).optional(),
      doubts: z.array(z.object(reasons())),
    })
    .openapi("UsageScope"),
);

export function scopeView({ state, doubts, ...expected }: ScopeStatus) {
  const { sequence = 0, subjects = 0, observedAt, acceptedAt, suspect, failure } = state ?? {};
  return {
    ...expected,
    sequence,
    subjects,
    ...(observedAt !== undefined && { observedAt }),
    ...(acceptedAt !== undefined && { acceptedAt }),
    ...(suspect && { suspect }),
    ...(failure && { failure }),
    doubts: [...doubts],
  };
}

/** Of a repository with a thousand consumers the first say enough. */
const MOST_DOUBTS = 20;

export const Doubted = documented(() => ({
  doubts: z.array(DoubtView()),
  moreDoubts: z.number().int().optional().openapi({ description: "So many are not listed" }),
}));

export function doubtsView(doubts: readonly Doubt[]) {
  const shown = doubts.slice(0, MOST_DOUBTS).map(({ repository: _, ...doubt }) => doubt);
  const more = doubts.length - shown.length;
  return { doubts: shown, ...(more > 0 && { moreDoubts: more }) };
}

/** Where one scope's state is; a scope may have slashes. */
export function scopePath(source: string, scope: string): string {
  return `/api/v1/usage/${source}/${scope.split("/").map(encodeURIComponent).join("/")}`;
}
