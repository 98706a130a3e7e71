import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import type { Sql } from "../storage/database.ts";
import { findDocument, type SigningConfiguration } from "../storage/registry-documents.ts";
import { patternConstraint } from "./refuse-input.ts";

const Filter = z.object({
  filter: z
    .string()
    .min(1)
    .max(256)
    // The model's own expression tries every split at a slash; this one has the same language.
    .refine(
      (filter) => /^[a-z0-9*]+(?:[._/-][a-z0-9*]+)*$/.test(filter),
      patternConstraint("(?:[a-z0-9*]+(?:[._-][a-z0-9*]+)*/)*[a-z0-9*]+(?:[._-][a-z0-9*]+)*"),
    ),
  filterType: z.enum(["WILDCARD_MATCH"]),
});

export const SigningInput = z.object({
  rules: z
    .array(
      z.object({
        signingProfileArn: z
          .string()
          .max(200)
          .regex(/^arn:aws(-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:\/signing-profiles\/[a-zA-Z0-9_]{2,}$/),
        repositoryFilters: z.array(Filter).min(1).max(100).optional(),
      }),
    )
    .max(10),
});

/** What was put; throws SigningConfigurationNotFoundException. */
export function getSigningConfiguration(sql: Sql, registry: Registry): SigningConfiguration {
  const found = findDocument(sql, registry, { kind: "signing" });
  if (found !== undefined) return found;
  throw new EcrError(
    "SigningConfigurationNotFoundException",
    `Signing configuration does not exist in the registry with id '${registry.account}'`,
  );
}
