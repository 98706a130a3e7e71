import { pushed, storageClassUpdated } from "../events/image-action.ts";
import type { StoredImage } from "../storage/images.ts";
import type { Repository } from "../storage/repositories.ts";
import type { Change } from "./core.ts";

export type Push = {
  readonly image: StoredImage;
  readonly tag: string | undefined;
  /** The image as it was, if it was there. */
  readonly before: StoredImage | undefined;
  /** Nothing changed: the image was active, and under this tag. */
  readonly again: boolean;
};

/** Tells what a push that was accepted did, as far as the switches have it told. */
export function announcePush(change: Change, repository: Repository, push: Push): void {
  const { image, tag, before } = push;
  const written = { repository, image, time: change.now };
  if (isTold(change, push)) change.emit(pushed(written, tag, change.switches));
  const reactivated = before !== undefined && before.status !== "ACTIVE";
  if (reactivated && change.switches.reactivationEvents)
    change.emit(storageClassUpdated(written, "STANDARD"));
}

function isTold({ switches }: Change, { tag, before, again }: Push): boolean {
  if (tag === undefined && !switches.untaggedPushEvents) return false;
  if (again) return switches.repushEvents;
  return before?.status === "ACTIVE" ? switches.retagEvents : true;
}
