/** Slack takes about one message a second per channel (chat.postMessage, special rate limit). */
const INTERVAL_MS = 1000;

export type Clock = {
  now(): Date;
  wait(milliseconds: number): Promise<void>;
};

/**
 * Lets one message a second through to each channel. The FIFO group of a channel is with one invocation at a time, so
 * that the pace holds as long as the next batch meets the same process; Slack's own limit covers the rest.
 */
export function channelPace(clock: Clock): (channel: string) => Promise<void> {
  const latest = new Map<string, number>();
  return async (channel) => {
    const before = latest.get(channel);
    const due = before === undefined ? 0 : before + INTERVAL_MS - clock.now().getTime();
    // A clock that was set back must not make anybody wait for longer than the interval.
    if (due > 0) await clock.wait(Math.min(due, INTERVAL_MS));
    latest.set(channel, clock.now().getTime());
  };
}
