import * as z from "zod";
import { requestTags } from "../auth/tag-context.ts";
import { getRepository } from "../core/repositories.ts";
import { updateSettings } from "../storage/repositories.ts";
import { operation } from "./operation.ts";
import { tagList, toResourceTags, withTags } from "./resource-tags.ts";
import { permittedResource } from "./tagged-resource.ts";

const Input = z.object({ resourceArn: z.string(), tags: tagList });

/** Adds tags; one whose key is there already is overwritten. */
export const tagResourceOperation = operation("TagResource", Input, (call) => {
  const { core, input } = call;
  const ref = permittedResource(call, { action: "ecr:TagResource", context: requestTags(input.tags) });
  const added = toResourceTags(input.tags);
  core.change(({ sql }) => {
    const repository = getRepository(sql, ref);
    updateSettings(sql, repository, { tags: withTags(repository.settings.tags, added) });
  });
  return {};
});
