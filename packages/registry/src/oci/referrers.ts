import { getRepository } from "../core/repositories.ts";
import { listReferrers, type StoredImage } from "../storage/images.ts";
import { type RepositoryExchange, sendJson } from "./exchange.ts";

/** GET `/referrers/<digest>`: an OCI index of the active manifests whose subject this is; empty when there is none. */
export function serveReferrers(exchange: RepositoryExchange, subject: string): void {
  const { core, permits, query, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:BatchGetImage" }, exchange.repository);
  const repository = getRepository(core.sql, exchange.repository);
  const artifactType = query.get("artifactType");
  const manifests = listReferrers(core.sql, repository.id, subject)
    .filter((image) => image.status === "ACTIVE")
    .filter((image) => artifactType === null || image.artifactType === artifactType)
    .map(toDescriptor);
  const mediaType = "application/vnd.oci.image.index.v1+json";
  sendJson(
    res,
    { schemaVersion: 2, mediaType, manifests },
    {
      "Content-Type": mediaType,
      ...(artifactType === null ? {} : { "OCI-Filters-Applied": "artifactType" }),
    },
  );
}

function toDescriptor(image: StoredImage) {
  return {
    mediaType: image.mediaType,
    digest: image.digest,
    size: image.manifestSize,
    ...(image.artifactType === null ? {} : { artifactType: image.artifactType }),
    ...(image.annotations === null ? {} : { annotations: JSON.parse(image.annotations) }),
  };
}
