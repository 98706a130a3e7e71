import { DescribeRepositoriesCommand } from "@aws-sdk/client-ecr";
import type { RegistryReader } from "@tallyman/domain/image/ports";
import * as z from "@tallyman/domain/zod";
import { ask } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";
import { describe, findAlone, findTogether } from "./find-image.ts";

/** ECR's largest page. */
const PAGE = 1000;

const DescribedRepositories = z.lazy(() =>
  z.object({
    repositories: z._default(z.array(z.object({ repositoryName: z.string() })), []),
    nextToken: z.optional(z.string()),
  }),
);

/**
 * Reads registries with DescribeRepositories and DescribeImages, neither of which counts as a pull. `together`: images of one
 * repository that are looked for in the same turn of the event loop are one DescribeImages.
 */
export function ecrRegistryReader(
  clients: EcrClients,
  { together = false }: { readonly together?: boolean } = {},
): RegistryReader {
  const find = (together ? findTogether : findAlone)(clients);
  return {
    async *listRepositories(registry) {
      const question = { operation: "DescribeRepositories", schema: DescribedRepositories };
      let nextToken: string | undefined;
      do {
        const input = { registryId: registry.account, maxResults: PAGE, nextToken };
        const page = await ask(registry, question, () =>
          clients(registry).send(new DescribeRepositoriesCommand(input)),
        );
        for (const { repositoryName } of page.repositories) yield repositoryName;
        nextToken = page.nextToken;
      } while (nextToken);
    },
    async *listImages(repository) {
      let nextToken: string | undefined;
      do {
        // Archived images are left out unless they are asked for.
        const filter = { imageStatus: "ANY" } as const;
        const page = await describe(clients, repository, { maxResults: PAGE, nextToken, filter });
        yield* page.imageDetails;
        nextToken = page.nextToken;
      } while (nextToken);
    },
    findImage: (repository, reference) => find({ repository, reference }),
  };
}
