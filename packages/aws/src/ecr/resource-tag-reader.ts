import { ListTagsForResourceCommand } from "@aws-sdk/client-ecr";
import type { ResourceTagReader } from "@tallyman/domain/registry/ports";
import * as z from "@tallyman/domain/zod";
import { ask } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";

const text = z.string();
const ListedTags = z.object({ tags: z._default(z.array(z.object({ Key: text, Value: text })), []) });

/** Reads repositories' resource tags: one call each. ECR has no other way to say them. */
export function ecrResourceTagReader(clients: EcrClients): ResourceTagReader {
  return {
    async resourceTags(repository) {
      const { account, region, repository: name } = repository;
      const resourceArn = `arn:aws:ecr:${region}:${account}:repository/${name}`;
      const question = { operation: "ListTagsForResource", schema: ListedTags };
      const { tags } = await ask(repository, question, () =>
        clients(repository).send(new ListTagsForResourceCommand({ resourceArn })),
      );
      return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
    },
  };
}
