/**
 * Which notices were sent, for those whose subject has no record that could say so. Sending comes before marking: a
 * crash in between sends a notice twice, never not at all.
 */
export type NoticeLog = {
  /** Strongly consistent. */
  wasSent(key: string): Promise<boolean>;
  /** `at`: ISO 8601. Repeats are no error; the mark is kept for at least 90 days. */
  markSent(key: string, at: string): Promise<void>;
};
