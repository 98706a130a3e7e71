import { getRepository } from "../core/repositories.ts";
import type { StoredImage } from "../storage/images.ts";
import { listReferrerPage } from "../storage/referrer-pages.ts";
import { type RepositoryExchange, sendJson } from "./exchange.ts";

const MEDIA_TYPE = "application/vnd.oci.image.index.v1+json";
/** Not every client follows a `Link`: a page holds what nearly every subject has. */
const PAGE = 1000;

/** GET `/referrers/<digest>`: an OCI index of the active manifests whose subject this is; empty when there is none. */
export function serveReferrers(exchange: RepositoryExchange, subject: string): void {
  const { core, permits, query, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:BatchGetImage" }, exchange.repository);
  const repository = getRepository(core.sql, exchange.repository);
  // A plus that was not encoded arrives as a space, which no media type has.
  const artifactType = query.get("artifactType")?.replaceAll(" ", "+");
  const paged = core.switches.referrersPaging;
  const found = listReferrerPage(core.sql, repository.id, {
    subject,
    artifactType: artifactType ?? null,
    after: query.get("last") ?? "",
    limit: paged ? PAGE + 1 : -1,
  });
  const page = paged ? found.slice(0, PAGE) : found;
  const last = found.length > page.length ? page.at(-1)?.digest : undefined;
  const filtered = artifactType !== undefined && core.switches.referrersFilterHeader;
  sendJson(
    res,
    { schemaVersion: 2, mediaType: MEDIA_TYPE, manifests: page.map(toDescriptor) },
    {
      "Content-Type": MEDIA_TYPE,
      ...(filtered ? { "OCI-Filters-Applied": "artifactType" } : {}),
      ...(last === undefined ? {} : { Link: linkTo(repository.name, { subject, artifactType, last }) }),
    },
  );
}

function linkTo(
  name: string,
  next: { readonly subject: string; readonly artifactType: string | undefined; readonly last: string },
): string {
  const filter = next.artifactType === undefined ? {} : { artifactType: next.artifactType };
  const query = new URLSearchParams({ ...filter, last: next.last });
  return `</v2/${name}/referrers/${next.subject}?${query}>; rel="next"`;
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
