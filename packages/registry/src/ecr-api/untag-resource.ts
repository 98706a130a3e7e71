import * as z from "zod";
import { tagKeys as tagKeysContext } from "../auth/tag-context.ts";
import { getRepository } from "../core/repositories.ts";
import { updateSettings } from "../storage/repositories.ts";
import { operation } from "./operation.ts";
import { requireTagKey, tagKeyList } from "./resource-tags.ts";
import { permittedResource } from "./tagged-resource.ts";

const Input = z.object({ resourceArn: z.string(), tagKeys: tagKeyList });

/** Removes tags; a key that is not there is none of the caller's worries. */
export const untagResourceOperation = operation("UntagResource", Input, (call) => {
  const { tagKeys } = call.input;
  const ref = permittedResource(call, { action: "ecr:UntagResource", context: tagKeysContext(tagKeys) });
  for (const key of tagKeys) requireTagKey(key);
  call.core.change(({ sql }) => {
    const repository = getRepository(sql, ref);
    const tags = repository.settings.tags.filter(({ key }) => !tagKeys.includes(key));
    updateSettings(sql, repository, { tags });
  });
  return {};
});
