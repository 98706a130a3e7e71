import type { RecountQueue } from "@tallyman/domain/listing/ports";

/** The queue of recounts, whose client is loaded with the first message: the start of a function should not pay for it. */
export function lateRecountQueue(queueUrl: string): RecountQueue {
  let queue: Promise<RecountQueue> | undefined;
  return {
    async send(repository, heardAt) {
      queue ??= import("./open-recount-queue.ts").then(({ openRecountQueue }) => openRecountQueue(queueUrl));
      await (await queue).send(repository, heardAt);
    },
  };
}
