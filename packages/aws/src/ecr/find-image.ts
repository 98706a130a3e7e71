import { DescribeImagesCommand } from "@aws-sdk/client-ecr";
import type { Image } from "@tallyman/domain/image/image";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { askedTogether } from "../asked-together.ts";
import { ask, saysNotThere } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";
import { DescribedImages } from "./image-details.ts";

export type Wanted = {
  readonly repository: RepositoryRef;
  readonly reference: { readonly digest: string } | { readonly tag: string };
};

/** The image as its registry has it; `undefined`: the registry says that it is not there. */
export type FindImage = (wanted: Wanted) => Promise<Image | undefined>;

/** Asks for each image by itself. */
export function findAlone(clients: EcrClients): FindImage {
  return async ({ repository, reference }) => {
    try {
      const [image] = (await describe(clients, repository, { imageIds: [idOf(reference)] })).imageDetails;
      // An image that is not there is an ImageNotFoundException. An answer that holds none says nothing.
      if (!image) throw new RegistryUnavailableError(repository, "DescribeImages");
      return image;
    } catch (error) {
      if (saysNotThere(error)) return undefined;
      throw error;
    }
  };
}

/** Images of one repository that are looked for in the same turn of the event loop are one DescribeImages. */
export function findTogether(clients: EcrClients): FindImage {
  const alone = findAlone(clients);
  return askedTogether({
    groupOf: ({ repository }) => `${registryName(repository)}/${repository.repository}`,
    nameOf: ({ reference }) => JSON.stringify(reference),
    async ask(wanted) {
      const described = wanted.length === 1 ? [] : await describeAll(clients, wanted);
      const found = new Map<string, Image>();
      const find = async (it: Wanted) => {
        const image = described.find((image) => isMeant(image, it)) ?? (await alone(it));
        if (image) found.set(JSON.stringify(it.reference), image);
      };
      await Promise.all(wanted.map(find));
      return found;
    },
  });
}

/** DescribeImages takes so many identifiers. */
const IDENTIFIERS = 100;

/**
 * What one answer says of images of one repository. None where one is not there: ECR then refuses the question without a word
 * on the others. More than it takes are left for questions of their own.
 */
async function describeAll(clients: EcrClients, wanted: readonly Wanted[]): Promise<readonly Image[]> {
  const [first] = wanted;
  if (!first) return [];
  const imageIds = wanted.slice(0, IDENTIFIERS).map(({ reference }) => idOf(reference));
  try {
    return (await describe(clients, first.repository, { imageIds })).imageDetails;
  } catch (error) {
    if (saysNotThere(error)) return [];
    throw error;
  }
}

function isMeant({ digest, tags }: Image, { reference }: Wanted): boolean {
  return "tag" in reference ? tags.includes(reference.tag) : digest === reference.digest;
}

function idOf(reference: Wanted["reference"]) {
  return "tag" in reference ? { imageTag: reference.tag } : { imageDigest: reference.digest };
}

type Selection = Omit<
  ConstructorParameters<typeof DescribeImagesCommand>[0],
  "registryId" | "repositoryName"
>;

/** Asks DescribeImages of one repository. Throws RepositoryNotFoundError, RegistryUnavailableError. */
export function describe(clients: EcrClients, repository: RepositoryRef, selection: Selection) {
  const input = { registryId: repository.account, repositoryName: repository.repository, ...selection };
  const question = { operation: "DescribeImages", schema: DescribedImages };
  return ask(repository, question, () => clients(repository).send(new DescribeImagesCommand(input)));
}
