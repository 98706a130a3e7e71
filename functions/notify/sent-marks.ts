import type { ViolationStore } from "@tallyman/domain/inventory/ports";
import type { ViolationRecord } from "@tallyman/domain/inventory/records";
import { noticeViolation } from "@tallyman/domain/inventory/violation-transitions";
import { withFence } from "@tallyman/domain/inventory/with-fence";
import type { Notice } from "@tallyman/domain/notice/notice";
import type { NoticeLog } from "@tallyman/domain/notice/notice-log";

export type MarkStores = {
  readonly violations: Pick<ViolationStore, "findViolation" | "putViolation">;
  readonly notices: NoticeLog;
};

/** `obsolete`: what it tells is no longer so, and whoever made it so will be told what is. */
export type NoticeState = "unsent" | "sent" | "obsolete";

/**
 * Whether people were told. A violation's own record says it; the notice belongs to one opening of it, named by
 * image and `openedAt`. Other notices have a mark of their own.
 */
export async function noticeState(stores: MarkStores, notice: Notice): Promise<NoticeState> {
  if (notice.violation === undefined) return (await stores.notices.wasSent(notice.key)) ? "sent" : "unsent";
  const record = await stores.violations.findViolation(notice.violation);
  if (record === undefined) return "unsent";
  if (record.state === "closed" || !isOpening(record, notice)) return "obsolete";
  return record.noticedAt === undefined ? "unsent" : "sent";
}

/** Remembers that people were told; repeats write nothing. */
export async function markSent(stores: MarkStores, notice: Notice, now: Date): Promise<void> {
  const { violation } = notice;
  if (violation === undefined) return stores.notices.markSent(notice.key, now.toISOString());
  await withFence(async () => {
    const record = await stores.violations.findViolation(violation);
    // The tag may have moved since: of the next image people are told by a notice of its own.
    const next = record && isOpening(record, notice) ? noticeViolation(record, now) : undefined;
    if (next !== undefined) await stores.violations.putViolation(next);
  });
}

/** Whether the record still stands where the notice found it: with the same image, and not opened afresh since. */
function isOpening({ digest, openedAt }: ViolationRecord, { violation, at }: Notice): boolean {
  return digest === violation?.digest && openedAt === at;
}
