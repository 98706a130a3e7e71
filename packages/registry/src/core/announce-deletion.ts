import { deleted } from "../events/image-action.ts";
import type { StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import type { Change } from "./core.ts";

/** Of an image that is gone: once for each of its tags, or once. */
export function announceDeletion(
  change: Change,
  repository: Repository,
  { image, tags }: { readonly image: StoredImage; readonly tags: readonly string[] },
): void {
  const written = { repository, image, time: change.now };
  const once = tags.length === 0 || change.switches.deleteEventsPer === "image";
  for (const tag of once ? [undefined] : tags) change.emit(deleted(written, tag));
}
