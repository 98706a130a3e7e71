import type { NoticeLog } from "@tallyman/domain/notice/notice-log";

export function memoryNoticeLog(): NoticeLog & { readonly marks: ReadonlyMap<string, string> } {
  const marks = new Map<string, string>();
  return {
    marks,
    wasSent: async (key) => marks.has(key),
    markSent: async (key, at) => {
      if (!marks.has(key)) marks.set(key, at);
    },
  };
}
