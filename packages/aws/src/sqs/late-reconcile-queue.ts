import type { ReconcileQueue } from "@tallyman/domain/reconcile/job";

/** The queue of reconciles, whose client is loaded when somebody asks for one: few requests do. */
export function lateReconcileQueue(queueUrl: string): ReconcileQueue {
  let queue: Promise<ReconcileQueue> | undefined;
  return {
    async send(jobs) {
      queue ??= import("./open-reconcile-queue.ts").then((it) => it.openReconcileQueue(queueUrl));
      await (await queue).send(jobs);
    },
  };
}
