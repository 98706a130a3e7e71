import { notingRepositories } from "@tallyman/domain/inventory/note-repository";
import type { Notice } from "@tallyman/domain/notice/notice";
import { Policy } from "@tallyman/domain/policy/policy";
import type { ReconcileJob } from "@tallyman/domain/reconcile/job";
import type { Registry } from "@tallyman/domain/registry/registry";
import { memoryInventory } from "../fakes/memory-inventory.ts";
import { memoryNotices } from "../fakes/memory-notices.ts";
import { memoryRecounts } from "../fakes/memory-recounts.ts";
import { memoryRegistry } from "../fakes/memory-registry.ts";
import { recordedTelemetry } from "../fakes/recorded-telemetry.ts";
import { HUB } from "./registry.ts";

export const WEST: Registry = { ...HUB, region: "us-west-2" };
export const OTHER: Registry = { account: "444455556666", region: "us-east-1" };

/** `latest` is denied in prod/**; people are told in #registry. */
export const POLICY = Policy.parse({
  version: 1,
  tagging: { rules: [{ name: "prod-releases", repositories: ["prod/**"], deny: ["latest"] }] },
  notify: { slack: { channel: "#registry" } },
});

/** Everything a function that keeps the inventory depends on, in memory, at one settable time. */
export function functionDeps() {
  const registry = memoryRegistry();
  const inventory = memoryInventory();
  const notices = memoryNotices();
  const clock = { now: new Date("2026-11-16T01:54:35.000Z") };
  const policy = { current: POLICY };
  const redelivered: { readonly receiptHandle: string; readonly seconds: number }[] = [];
  const failing = { notices: 0 };
  const offered: Notice[] = [];
  const jobs: ReconcileJob[] = [];
  return {
    clock,
    policyInForce: policy,
    failing,
    /** When messages that failed were to come back. */
    redelivered,
    inventory,
    /** Notices as people see them: the queue drops a repeated key. */
    sent: notices.sent,
    /** Notices as they were handed over, repeats included. */
    offered,
    /** Reconciles that were asked for. */
    jobs,
    deps: {
      ...inventory,
      recounts: memoryRecounts(),
      registry,
      manifestReader: registry,
      replication: registry,
      resourceTags: registry,
      redelivery: {
        after: async (receiptHandle: string, seconds: number) =>
          void redelivered.push({ receiptHandle, seconds }),
      },
      noteRepository: notingRepositories(inventory.summaries),
      telemetry: recordedTelemetry(),
      policy: { currentPolicy: async () => policy.current },
      declared: { declaredRegistries: async () => [HUB, WEST, OTHER] },
      now: () => clock.now,
      queue: { send: async (asked: readonly ReconcileJob[]) => void jobs.push(...asked) },
      notices: {
        async send(notice: Notice) {
          if (failing.notices-- > 0) throw new Error("SQS did not answer");
          offered.push(notice);
          await notices.send(notice);
        },
      },
    },
  };
}
