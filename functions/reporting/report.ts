import type { FollowUp } from "@tallyman/domain/inventory/follow-up";
import type { RecordedImage } from "@tallyman/domain/inventory/record-digest";
import type { Recorded } from "@tallyman/domain/inventory/record-image";
import type { RecordedTag } from "@tallyman/domain/inventory/record-tag";
import { registryName } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { ExpectedCopy } from "@tallyman/domain/replication/expect-copies";
import type { Metadata, Telemetry } from "@tallyman/observability/telemetry";

export type Report = {
  readonly repository: RepositoryRef;
  /** The event that led here. */
  readonly eventId: string;
  readonly recorded: Recorded;
  readonly followed: FollowUp;
};

/** Says what changed, in the lines that people follow live; what changed nothing leaves one line for debugging. */
export function report(telemetry: Telemetry, { repository, eventId, recorded, followed }: Report): void {
  const { log } = telemetry;
  const about = { registry: registryName(repository), repository: repository.repository, eventId };
  const images = recorded.images.filter((image) => image.changed);
  const tags = recorded.tags.filter(isNews);
  const copies = followed.copies.filter((copy) => copy.changed);
  if (images.length + tags.length + copies.length === 0) log.debug("nothing changed", about);
  for (const image of images) reportImage(telemetry, about, image);
  for (const tag of tags) reportTag(telemetry, about, tag);
  for (const copy of copies) reportCopy(telemetry, about, copy);
  for (const { kind, title } of followed.noticed) log.debug("notice queued", { ...about, kind, title });
}

function isNews({ changed, opened, closed }: RecordedTag): boolean {
  return changed || opened.length > 0 || closed.length > 0;
}

function reportImage({ log }: Telemetry, about: Metadata, { digest, record }: RecordedImage): void {
  if (!record) return;
  const { size, mediaType, status, manifest } = record;
  const usual = status === "ACTIVE" && manifest === "known";
  const details = { ...about, digest, size, mediaType, ...(usual ? {} : { status, manifest }) };
  if (record.state === "closed") log.info("image closed", details);
  else log.debug("image recorded", details);
  if (manifest === "exclusion-missing") {
    log.warn("manifest not read: the pull-time exclusion is missing", { ...about, digest });
  }
}

/** The verdicts say where the tag points; where no rule applies, the tag itself is the news. */
function reportTag({ log, measure }: Telemetry, about: Metadata, recorded: RecordedTag): void {
  const { tag, pointer, verdicts, opened, closed } = recorded;
  const digest = pointer?.digest ?? null;
  if (digest === null) log.info("tag closed", { ...about, tag });
  else if (verdicts.length === 0) log.info("tag recorded", { ...about, tag, digest });
  else {
    for (const { verdict, rule, reason } of verdicts) {
      log.info("tag judged", { ...about, tag, digest, verdict, rule, reason });
    }
  }
  for (const { rule } of opened) log.debug("violation opened", { ...about, tag, rule });
  for (const { rule } of closed) log.info("violation closed", { ...about, tag, rule });
  if (opened.length > 0) measure("Violations", opened.length);
}

/** A copy whose event overtook the push's is there already, and was reported then. */
function reportCopy({ log }: Telemetry, about: Metadata, { replica }: ExpectedCopy): void {
  const { digest, tag, state } = replica;
  const where = { ...about, digest, tag, to: registryName(replica.destination) };
  if (state === "pending") log.info("replica expected", where);
  else log.debug("replica had arrived before its push was heard of", where);
}
