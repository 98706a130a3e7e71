import type { Notice } from "@tallyman/domain/notice/notice";
import { SlackRateLimitedError } from "./errors.ts";
import type { Clock } from "./pace.ts";
import { type MarkStores, markSent, noticeState } from "./sent-marks.ts";
import { slackMessage } from "./slack-message.ts";
import type { SlackPoster } from "./slack-poster.ts";

export type DeliverDeps = MarkStores &
  Clock & {
    readonly slack: SlackPoster;
    pace(channel: string): Promise<void>;
    /** Notices that this process posted and could not mark; see below. */
    readonly unmarked: Set<string>;
  };

/** Longest wait for Slack inside an invocation; a longer one is spent in the queue. */
const WAIT_AT_MOST_MS = 20_000;
/** Kept free for posting, marking and answering. */
const RESERVE_MS = 15_000;

export type Delivery = "posted" | "already-sent" | "obsolete";

/**
 * Tells people once: look for the mark, post, set the mark. Between post and mark a crash means that people read it
 * twice; when only the mark failed, this process remembers and sets it when the message comes back.
 */
export async function deliver(
  deps: DeliverDeps,
  notice: Notice,
  remainingMs: () => number,
): Promise<Delivery> {
  const state = await noticeState(deps, notice);
  if (state !== "unsent") return state === "sent" ? "already-sent" : state;
  if (!deps.unmarked.has(notice.key)) {
    await post(deps, notice, remainingMs);
    deps.unmarked.add(notice.key);
  }
  await markSent(deps, notice, deps.now());
  deps.unmarked.delete(notice.key);
  return "posted";
}

/** Waits out a short Retry-After here, as often as time allows; throws SlackRateLimitedError for a longer one. */
async function post(deps: DeliverDeps, notice: Notice, remainingMs: () => number): Promise<void> {
  const message = slackMessage(notice);
  for (;;) {
    await deps.pace(notice.channel);
    try {
      return await deps.slack.post(message);
    } catch (error) {
      if (!(error instanceof SlackRateLimitedError)) throw error;
      const waitMs = error.retryAfterSeconds * 1000;
      if (waitMs > WAIT_AT_MOST_MS || waitMs > remainingMs() - RESERVE_MS) throw error;
      await deps.wait(waitMs);
    }
  }
}
