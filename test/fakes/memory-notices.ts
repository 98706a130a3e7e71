import type { Notice, NoticeSink } from "@tallyman/domain/notice/notice";

/** A notice queue in memory: FIFO, and a key is taken once, as the deduplication id does. */
export function memoryNotices(): NoticeSink & { readonly sent: readonly Notice[] } {
  const sent: Notice[] = [];
  return {
    sent,
    send: async (notice) => {
      if (!sent.some((it) => it.key === notice.key)) sent.push(notice);
    },
  };
}
