import type { NoticeSink } from "@tallyman/domain/notice/notice";

/**
 * The notice queue, whose client is loaded with the first notice: most messages tell nobody anything, and the start of a
 * function should not pay for what it may never send.
 */
export function lateNoticeQueue(queueUrl: string): NoticeSink {
  let queue: Promise<NoticeSink> | undefined;
  return {
    async send(notice) {
      queue ??= import("./open-notice-queue.ts").then(({ openNoticeQueue }) => openNoticeQueue(queueUrl));
      await (await queue).send(notice);
    },
  };
}
