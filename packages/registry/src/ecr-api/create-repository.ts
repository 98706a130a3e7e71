import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { requestTags } from "../auth/tag-context.ts";
import { invalidParameter } from "../core/errors.ts";
import { createRepository } from "../core/repositories.ts";
import type { RepositorySettings } from "../storage/repositories.ts";
import { encryptionConfiguration, toEncryption } from "./encryption.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toRepository } from "./outputs.ts";
import { tagList, toResourceTags, withTags } from "./resource-tags.ts";
import { imageTagMutability, imageTagMutabilityExclusionFilters, toTagMutability } from "./tag-mutability.ts";

const Input = z.object({
  registryId,
  repositoryName,
  tags: tagList.default([]),
  imageTagMutability: imageTagMutability.default("MUTABLE"),
  imageTagMutabilityExclusionFilters,
  imageScanningConfiguration: z.object({ scanOnPush: z.boolean().default(false) }).optional(),
  encryptionConfiguration,
});

/** Tags need no permission of their own: `ecr:CreateRepository` is asked with them in its context. */
export const createRepositoryOperation = operation("CreateRepository", Input, (call) => {
  const { caller, core, registry, input } = call;
  const ref = { ...registry, repository: input.repositoryName };
  const permission = { caller, action: "ecr:CreateRepository", context: requestTags(input.tags) } as const;
  call.permits.onRepository(permission, ref);
  if (core.switches.repositoryNameStart === "letter" && !/^[a-z]/.test(ref.repository))
    throw invalidParameter("repositoryName", "must start with a letter");
  const settings = toSettings(input, registry);
  const repository = core.change((change) => createRepository(change, ref, settings));
  return { repository: toRepository(repository, call.endpoint) };
});

function toSettings(input: z.infer<typeof Input>, registry: Registry): RepositorySettings {
  return {
    ...toTagMutability(input),
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryption: toEncryption(input.encryptionConfiguration, registry),
    tags: withTags([], toResourceTags(input.tags)),
  };
}
