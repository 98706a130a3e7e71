import type { UsageQueue } from "@tallyman/domain/usage/ports";

/** The queue of usage, whose client is loaded when somebody sends to it: few requests do. */
export function lateUsageQueue(queueUrl: string): UsageQueue {
  let queue: Promise<UsageQueue> | undefined;
  return {
    async send(job) {
      queue ??= import("./open-usage-queue.ts").then((it) => it.openUsageQueue(queueUrl));
      await (await queue).send(job);
    },
  };
}
