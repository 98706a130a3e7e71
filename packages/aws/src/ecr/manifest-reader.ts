import { createHash } from "node:crypto";
import { BatchGetImageCommand } from "@aws-sdk/client-ecr";
import type { ManifestReader } from "@tallyman/domain/image/ports";
import { RegistryUnavailableError, RepositoryNotFoundError } from "@tallyman/domain/registry/errors";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import { ask } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";
import { isPullTimeExclusion } from "./pull-time-exclusions.ts";

// Without the index types ECR would answer with one of the index's images instead.
const ACCEPTED = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.oci.artifact.manifest.v1+json",
  "application/vnd.cncf.oras.artifact.manifest.v1+json",
];

const Gotten = z.lazy(() => {
  const text = z.string();
  return z.object({
    images: z._default(z.array(z.object({ imageManifest: text, imageManifestMediaType: text })), []),
    failures: z._default(z.array(z.object({ failureCode: text })), []),
  });
});

/** Failure codes of BatchGetImage that are an answer: the image is gone, or archived. */
const UNREAD = { ImageNotFound: "not-found", ImageInaccessible: "inaccessible" } as const;

/**
 * Reads manifests with BatchGetImage. That is a pull to ECR, by which people and lifecycle rules decide, so it asks only
 * where the role is a pull-time exclusion.
 */
export function ecrManifestReader(
  clients: EcrClients,
  readerRoleName: string,
  now: () => number = Date.now,
): ManifestReader {
  const isExcluded = kept((registry) => isPullTimeExclusion(clients, registry, readerRoleName), now);
  return {
    async readManifest(repository, digest) {
      if (!(await isExcluded(repository))) return { unread: "exclusion-missing" };
      const command = new BatchGetImageCommand({
        registryId: repository.account,
        repositoryName: repository.repository,
        imageIds: [{ imageDigest: digest }],
        acceptedMediaTypes: ACCEPTED,
      });
      const question = { operation: "BatchGetImage", schema: Gotten };
      try {
        const { images, failures } = await ask(repository, question, () => clients(repository).send(command));
        const [image] = images;
        if (image) return verified(digest, image);
        return { unread: unreadOf(failures[0]?.failureCode) };
      } catch (error) {
        if (error instanceof RepositoryNotFoundError) return { unread: "not-found" };
        if (error instanceof UnusableAnswer)
          throw new RegistryUnavailableError(repository, "BatchGetImage", { cause: error });
        throw error;
      }
    },
  };
}

/** An exclusion that is there is believed for an hour; one that is missing is looked for again after a minute. */
function kept(ask: (registry: Registry) => Promise<boolean>, now: () => number) {
  const answers = new Map<string, { readonly excluded: boolean; readonly at: number }>();
  return async (registry: Registry): Promise<boolean> => {
    const known = answers.get(registryName(registry));
    // The clock may be set back: a difference either way ends the time.
    if (known && Math.abs(now() - known.at) < (known.excluded ? 60 : 1) * 60_000) return known.excluded;
    const excluded = await ask(registry);
    answers.set(registryName(registry), { excluded, at: now() });
    return excluded;
  };
}

class UnusableAnswer extends Error {}

function verified(digest: string, image: z.infer<typeof Gotten>["images"][number]) {
  const bytes = new TextEncoder().encode(image.imageManifest);
  const actual = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (actual !== digest)
    throw new UnusableAnswer(`asked for ${digest}, got a manifest with digest ${actual}`);
  return { digest, mediaType: image.imageManifestMediaType, bytes };
}

function unreadOf(failureCode: string | undefined): "not-found" | "inaccessible" {
  if (failureCode === "ImageNotFound" || failureCode === "ImageInaccessible") return UNREAD[failureCode];
  throw new UnusableAnswer(`failure ${failureCode ?? "without a code"}`);
}
