import type { NoticeLog } from "@tallyman/domain/notice/notice-log";
import * as z from "@tallyman/domain/zod";
import { noticeExpiry, noticeKey } from "./layout.ts";
import type { Table } from "./table.ts";

const Mark = z.object({ sentAt: z.string() });

/** Marks of notices that were sent; they go by themselves after 100 days. */
export function dynamoNoticeLog(table: Table): NoticeLog {
  return {
    wasSent: async (key) => (await table.get(noticeKey(key), Mark)) !== undefined,
    async markSent(key, at) {
      await table.putNew({ ...noticeKey(key), sentAt: at, expiresAt: noticeExpiry(at) });
    },
  };
}
