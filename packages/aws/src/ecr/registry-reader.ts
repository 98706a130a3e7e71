import { DescribeImagesCommand, DescribeRepositoriesCommand } from "@aws-sdk/client-ecr";
import type { Image } from "@tallyman/domain/image/image";
import type { RegistryReader } from "@tallyman/domain/image/ports";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "@tallyman/domain/zod";
import { ask, saysNotThere } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";
import { DescribedImages } from "./image-details.ts";

/** ECR's largest page. */
const PAGE = 1000;

const DescribedRepositories = z.object({
  repositories: z._default(z.array(z.object({ repositoryName: z.string() })), []),
  nextToken: z.optional(z.string()),
});

/** Reads registries with DescribeRepositories and DescribeImages, neither of which counts as a pull. */
export function ecrRegistryReader(clients: EcrClients): RegistryReader {
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
    findImage: (repository, reference) => findImage(clients, repository, reference),
  };
}

async function findImage(
  clients: EcrClients,
  repository: RepositoryRef,
  reference: { readonly digest: string } | { readonly tag: string },
): Promise<Image | undefined> {
  const id = "tag" in reference ? { imageTag: reference.tag } : { imageDigest: reference.digest };
  try {
    const [image] = (await describe(clients, repository, { imageIds: [id] })).imageDetails;
    // An image that is not there is an ImageNotFoundException. An answer that holds none says nothing.
    if (!image) throw new RegistryUnavailableError(repository, "DescribeImages");
    return image;
  } catch (error) {
    if (saysNotThere(error)) return undefined;
    throw error;
  }
}

type Selection = Omit<
  ConstructorParameters<typeof DescribeImagesCommand>[0],
  "registryId" | "repositoryName"
>;

function describe(clients: EcrClients, repository: RepositoryRef, selection: Selection) {
  const input = { registryId: repository.account, repositoryName: repository.repository, ...selection };
  const question = { operation: "DescribeImages", schema: DescribedImages };
  return ask(repository, question, () => clients(repository).send(new DescribeImagesCommand(input)));
}
