import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { updateSettings } from "../storage/repositories.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { operation, permittedRepository } from "./operation.ts";
import {
  fromTagMutability,
  imageTagMutability,
  imageTagMutabilityExclusionFilters,
  toTagMutability,
} from "./tag-mutability.ts";

const Input = z.object({
  registryId,
  repositoryName,
  imageTagMutability,
  imageTagMutabilityExclusionFilters,
});

/** Counts for later writes only; filters that are not given again are gone. */
export const putImageTagMutabilityOperation = operation("PutImageTagMutability", Input, (call) => {
  const ref = permittedRepository(call, "ecr:PutImageTagMutability");
  const changed = toTagMutability(call.input);
  call.core.change(({ sql }) => updateSettings(sql, getRepository(sql, ref), changed));
  return { registryId: ref.account, repositoryName: ref.repository, ...fromTagMutability(changed) };
});
