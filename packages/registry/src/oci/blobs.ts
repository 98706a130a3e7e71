import { getRepository } from "../core/repositories.ts";
import { EMPTY_LAYER } from "../core/schema1-image.ts";
import { DURATIONS } from "../core/switches/durations.ts";
import { signLayerPath } from "../downloads/layer-url.ts";
import { deleteLayer, findImageOfLayer, findLayer, findLayerState } from "../storage/layers.ts";
import { blobUnknown, OciError } from "./errors.ts";
import { type RepositoryExchange, sendEmpty } from "./exchange.ts";
import { sendLayer } from "./send-layer.ts";

/** Up to this many bytes a blob is "small": configs are. */
const SMALL = 4096;

/** GET and HEAD of a blob, with Range: its bytes, or with `strictEcr` a redirect to them, as ECR answers. */
export async function serveBlob(exchange: RepositoryExchange, digest: string): Promise<void> {
  const { core, permits, req, res, repository, caller } = exchange;
  const head = req.method === "HEAD";
  const action = head ? "ecr:BatchCheckLayerAvailability" : "ecr:GetDownloadUrlForLayer";
  permits.onRepository({ caller, action }, repository);
  const { id } = getRepository(core.sql, repository);
  const layer = findLayer(core.sql, id, digest);
  const state = findLayerState(core.sql, id, digest);
  if (layer === undefined || state === undefined || state === "archived") throw blobUnknown();
  core.leases.renew(id, digest);
  const { strictEcr, directBlobs } = core.switches;
  if (strictEcr && !head) {
    if (state === "unused" && digest !== EMPTY_LAYER.digest) throw blobUnknown();
    if (directBlobs === "none" || layer.size > SMALL) return redirect(exchange, digest);
  }
  await sendLayer(
    { core, req, res },
    { ...repository, digest },
    {
      size: layer.size,
      headers: { "Docker-Content-Digest": digest },
      unsatisfiable: () => new OciError(416, "RANGE_INVALID", `The layer has ${layer.size} bytes`),
    },
  );
}

/** To another host than the one that was asked, as S3 is one: a client must not take its credentials along. */
function redirect({ core, downloads, req, res, repository }: RepositoryExchange, digest: string): void {
  const path = signLayerPath(
    downloads.secret,
    { ...repository, digest },
    {
      now: core.now(),
      life: DURATIONS[core.switches.downloadUrlLife],
    },
  );
  sendEmpty(res, 307, { Location: `${downloads.endpointBeside(repository, req.headers.host)}${path}` });
}

/** DELETE of a blob that no image has; its file goes when nothing else knows it. ECR has no such operation. */
export function deleteBlob(
  { core, permits, res, repository, caller }: RepositoryExchange,
  digest: string,
): void {
  permits.onRepository({ caller, action: "ecr:BatchDeleteImage" }, repository);
  const { strictEcr, deleteBlobs } = core.switches;
  if (strictEcr || !deleteBlobs) throw new OciError(405, "UNSUPPORTED", "Blobs cannot be deleted here");
  core.change(({ sql }) => {
    const { id } = getRepository(sql, repository);
    if (findLayer(sql, id, digest) === undefined) throw blobUnknown();
    if (findImageOfLayer(sql, id, digest) !== undefined) {
      throw new OciError(405, "UNSUPPORTED", "Images of this repository have this layer. Delete them first.");
    }
    deleteLayer(sql, id, digest);
  });
  sendEmpty(res, 202);
}
