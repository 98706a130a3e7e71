import type { ViolationStore } from "@tallyman/domain/inventory/ports";
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
 * `openedAt`. Other notices have a mark of their own.
 */
export async function noticeState(stores: MarkStores, notice: Notice): Promise<NoticeState> {
  if (notice.violation === undefined) return (await stores.notices.wasSent(notice.key)) ? "sent" : "unsent";
  const record = await stores.violations.findViolation(notice.violation);
  if (record === undefined) return "unsent";
  if (record.state === "closed" || record.openedAt !== notice.at) return "obsolete";
  return record.noticedAt === undefined ? "unsent" : "sent";
}

/** Remembers that people were told; repeats write nothing. */
export async function markSent(stores: MarkStores, notice: Notice, now: Date): Promise<void> {
  const { violation } = notice;
  if (violation === undefined) return stores.notices.markSent(notice.key, now.toISOString());
  await withFence(async () => {
    const next = noticeViolation(await stores.violations.findViolation(violation), now);
    if (next !== undefined) await stores.violations.putViolation(next);
  });
}
