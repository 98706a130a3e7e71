import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { createRepository } from "../core/repositories.ts";
import type { RepositorySettings } from "../storage/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import { toRepository } from "./outputs.ts";

const ExclusionFilter = z.object({
  filterType: z.literal("WILDCARD"),
  filter: z.string().regex(/^[0-9a-zA-Z._*-]{1,128}$/),
});

const Input = z.object({
  registryId,
  repositoryName,
  imageTagMutability: z
    .enum(["MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"])
    .default("MUTABLE"),
  imageTagMutabilityExclusionFilters: z.array(ExclusionFilter).min(1).max(5).optional(),
  imageScanningConfiguration: z.object({ scanOnPush: z.boolean().default(false) }).optional(),
  encryptionConfiguration: z.object({ encryptionType: z.literal("AES256") }).optional(),
  tags: z
    .array(z.object({ Key: z.string(), Value: z.string() }))
    .max(0)
    .optional(),
});

export const createRepositoryOperation = operation("CreateRepository", Input, (call) => {
  const ref = permittedRepository(call, "ecr:CreateRepository");
  const settings = toSettings(call.input);
  const repository = call.core.change((change) => createRepository(change, ref, settings));
  return { repository: toRepository(repository, call.endpoint) };
});

function toSettings(input: z.infer<typeof Input>): RepositorySettings {
  const filters = input.imageTagMutabilityExclusionFilters;
  const takesFilters = input.imageTagMutability.endsWith("_WITH_EXCLUSION");
  if (takesFilters !== (filters !== undefined)) {
    throw new EcrError(
      "InvalidParameterException",
      takesFilters
        ? `ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as ${input.imageTagMutability}`
        : `ImageTagMutabilityExclusionFilters must be null when imageTagMutability is set as ${input.imageTagMutability}`,
    );
  }
  return {
    tagMutability: input.imageTagMutability,
    exclusionFilters: (filters ?? []).map(({ filter }) => filter),
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
  };
}
