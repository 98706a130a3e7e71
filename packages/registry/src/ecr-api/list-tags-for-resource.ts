import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { operation } from "./operation.ts";
import { fromResourceTags } from "./resource-tags.ts";
import { permittedResource } from "./tagged-resource.ts";

export const listTagsForResourceOperation = operation(
  "ListTagsForResource",
  z.object({ resourceArn: z.string() }),
  (call) => {
    const ref = permittedResource(call, { action: "ecr:ListTagsForResource" });
    return { tags: fromResourceTags(getRepository(call.core.sql, ref).settings.tags) };
  },
);
