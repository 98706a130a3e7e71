import type { FollowUp } from "@tallyman/domain/inventory/follow-up";
import type { RecordedImage } from "@tallyman/domain/inventory/record-digest";
import type { Recorded } from "@tallyman/domain/inventory/record-image";
import type { RecordedTag } from "@tallyman/domain/inventory/record-tag";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Metadata, Telemetry } from "@tallyman/observability/telemetry";

export type Report = {
  readonly repository: RepositoryRef;
  /** The event, or the run of the reconcile, that led here. */
  readonly eventId: string;
  readonly recorded: Recorded;
  readonly followed: FollowUp;
};

/** Says what changed, one line each; a message that changed nothing leaves one line for debugging. */
export function report(telemetry: Telemetry, { repository, eventId, recorded, followed }: Report): void {
  const { log } = telemetry;
  const about = { registry: registryName(repository), repository: repository.repository, eventId };
  const images = recorded.images.filter((image) => image.changed);
  const tags = recorded.tags.filter(isNews);
  const copies = followed.copies.filter((copy) => copy.changed);
  if (images.length + tags.length + copies.length === 0) log.debug("nothing changed", about);
  for (const image of images) reportImage(telemetry, about, image);
  for (const tag of tags) reportTag(telemetry, about, tag);
  for (const { replica } of copies) {
    const { digest, tag, state } = replica;
    log.info("replica expected", {
      ...about,
      digest,
      tag,
      destination: registryName(replica.destination),
      state,
    });
  }
  for (const notice of followed.noticed) log.info("notice queued", { ...about, notice });
}

function isNews({ changed, opened, closed }: RecordedTag): boolean {
  return changed || opened.length > 0 || closed.length > 0;
}

function reportImage({ log }: Telemetry, about: Metadata, { digest, record }: RecordedImage): void {
  const { mediaType, size, status, manifest } = record ?? {};
  const message = record?.state === "closed" ? "image closed" : "image recorded";
  log.info(message, { ...about, digest, mediaType, size, status, manifest });
  if (manifest === "exclusion-missing") {
    log.warn("manifest not read: the pull-time exclusion is missing", { ...about, digest });
  }
}

function reportTag({ log, measure }: Telemetry, about: Metadata, recorded: RecordedTag): void {
  const { tag, pointer, verdicts, opened, closed } = recorded;
  const digest = pointer?.digest ?? null;
  if (recorded.changed) log.info(digest ? "tag recorded" : "tag closed", { ...about, tag, digest });
  if (digest) {
    for (const { verdict, rule, reason } of verdicts)
      log.info("tag judged", { ...about, tag, verdict, rule, reason });
  }
  for (const { rule } of opened) log.info("violation opened", { ...about, tag, rule });
  for (const { rule } of closed) log.info("violation closed", { ...about, tag, rule });
  if (opened.length > 0) measure("Violations", opened.length);
}
