import { expect } from "vitest";
import type { Embedded } from "../../support/embedded.ts";
import { until } from "../../support/until.ts";

type QueueReport = {
  readonly name: string;
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly consumed: boolean;
};
export type IdleReport = {
  readonly idle: boolean;
  readonly queues: readonly QueueReport[];
  readonly batches: number;
  readonly deliveries: number;
  readonly replicating: boolean;
};

/** Long enough for EventBridge's longest pause between two attempts, and for the delays that tests ask for. */
const PAUSE_SECONDS = 31;

/**
 * Waits until nothing is under way. Whatever waits for time to pass (a visibility timeout, a delayed event, the pause
 * before another attempt) is not waited for: the cloud's clock is set forward to when it is over.
 */
export async function settle(product: Embedded, deadlineMs = 180_000): Promise<void> {
  await until(
    "nothing is under way",
    async () => {
      const report = await idle(product, 0.3);
      if (report.idle) return true;
      if (report.batches === 0 && !report.replicating) await passTime(product, report);
      return false;
    },
    deadlineMs,
  ).catch(async (error: unknown) => {
    throw new Error(
      `${String(error)}\n${JSON.stringify(await idle(product))}\n${product.output.slice(-30).join("\n")}`,
    );
  });
}

/** What is with a function is finished or fails; then everything that waits to be received again is visible. */
export async function passVisibilityTimeouts(product: Embedded): Promise<void> {
  const report = await product.until("no function has work", async () => {
    const now = await idle(product);
    return now.batches === 0 && !now.queues.some(isUntouched) && now;
  });
  await passTime(product, report);
}

/** A function will take from it in a moment. What is visible beside messages in flight may wait for them: FIFO. */
function isUntouched({ consumed, visible, inFlight }: QueueReport): boolean {
  return consumed && visible > 0 && inFlight === 0;
}

export async function idle(product: Embedded, wait = 0): Promise<IdleReport> {
  return (await product.control("GET", `idle?wait=${wait}`)) as IdleReport;
}

export async function advance(product: Embedded, seconds: number): Promise<void> {
  await product.control("POST", "clock", { advance: `PT${seconds}S` });
}

async function passTime(product: Embedded, { queues, deliveries }: IdleReport): Promise<void> {
  const waiting = queues.filter((queue) => queue.consumed && queue.inFlight > 0).map(({ arn }) => arn);
  const timeouts = (await visibilityTimeouts(product)).filter(({ arn }) => waiting.includes(arn));
  const seconds = [...timeouts.map((it) => it.visibilityTimeout), ...(deliveries > 0 ? [PAUSE_SECONDS] : [])];
  if (seconds.length > 0) await advance(product, Math.max(...seconds) + 1);
}

async function visibilityTimeouts(product: Embedded) {
  const { queues } = await product.control("GET", "topology");
  return queues as readonly { readonly arn: string; readonly visibilityTimeout: number }[];
}

/** Runs one reconcile of every registry to its end. */
export async function reconcile(product: Embedded): Promise<void> {
  const before = await reconciled(product);
  await product.control("POST", "run/reconcile?wait=0");
  await settle(product);
  expect(await reconciled(product)).toBeGreaterThan(before);
}

/** How many repositories were compared since the start. */
export async function reconciled(product: Embedded): Promise<number> {
  return metric(product, "ReconcileCompleted");
}

/** The sum of a metric that functions write, over all its dimensions. */
export async function metric(product: Embedded, name: string): Promise<number> {
  const { metrics } = await product.control("GET", "metrics");
  return (metrics as readonly { readonly name: string; readonly sum: number }[])
    .filter((it) => it.name === name)
    .reduce((total, it) => total + it.sum, 0);
}
