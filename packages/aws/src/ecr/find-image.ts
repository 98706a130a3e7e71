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
    nameOf,
    async ask(wanted) {
      const described = wanted.length === 1 ? [] : await describeAll(clients, wanted);
      const find = (it: Wanted) => described.find((image) => isMeant(image, it)) ?? alone(it);
      return new Map(wanted.map((it) => [nameOf(it), find(it)]));
    },
  });
}

/** DescribeImages takes so many identifiers. */
const IDENTIFIERS = 100;

/**
 * What one answer says of images of one repository; more than one question takes are left for questions of their own. None
 * where the question fails, whatever it fails of: ECR refuses it without a word on the others when one image is not there or
 * one tag is none, and what cannot be read in the answer may be about one image alone. Who is asked for by itself then hears
 * of nobody else's trouble.
 */
async function describeAll(clients: EcrClients, wanted: readonly Wanted[]): Promise<readonly Image[]> {
  const [first] = wanted;
  if (!first) return [];
  const imageIds = wanted.slice(0, IDENTIFIERS).map(({ reference }) => idOf(reference));
  try {
    return (await describe(clients, first.repository, { imageIds })).imageDetails;
  } catch {
    return [];
  }
}

function nameOf({ reference }: Wanted): string {
  return JSON.stringify(reference);
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
