import { PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import type { Item } from "../admin-api.ts";
import { Workloads } from "../doctor/workloads.ts";
import type { Embedded } from "../embedded.ts";
import { EAST, EUROPE, OTHER, replicate, withEcr } from "../registries.ts";
import { uriOf } from "../usage.ts";
import type { Denial, Scenario } from "./ground.ts";
import { push, REPOSITORY } from "./image-scenarios.ts";
import { exhaust, sendTo } from "./queues.ts";

function queueArn(name: string): string {
  return `arn:aws:sqs:${EAST.region}:${EAST.account}:${name}`;
}

function isRefusedSend(queues: readonly string[]) {
  return ({ action, resource }: Denial) =>
    action === "sqs:SendMessage" && queues.map(queueArn).includes(resource);
}

const NOBODYS_DIGEST = `sha256:${"0".repeat(64)}`;

/** The brake, every way to ask, and two pages of a list. */
const asked: Scenario = {
  async act(ground) {
    await ground.post("/brake", { on: false, reason: "a trial" });
    await ground.post("/brake", { on: true, reason: "its end" });
    const repository = { ...EAST, repository: REPOSITORY };
    await ground.get("/images", repository);
    await ground.get("/images", { ...repository, tag: "1.0.0" });
    await ground.get(`/images/${NOBODYS_DIGEST}`);
    await ground.get("/tags/history", { ...repository, tag: "1.0.0" });
    await ground.get("/images", { ...repository, sort: "size" });
    await ground.get(`/images/${NOBODYS_DIGEST}/relations`, { kind: "child" });
    await ground.get(`/images/${NOBODYS_DIGEST}/usage`);
    for (const list of ["/repositories", "/violations", "/replicas", "/usage", "/usage/ecs"])
      await ground.get(list);
    const { next } = await ground.get("/audit", { limit: "1" });
    await ground.get("/audit", { limit: "1", cursor: String(next) });
  },
  isDone: async (ground) => (await ground.get("/health"))["status"] === "ok",
};

/** Its queue holds every message back for a minute, in which schedules send others theirs. */
const DELAYED = { role: "tallyman-recount", queue: "RecountQueue.fifo", deadLetters: "RecountDeadLetters" };
const CONSUMERS = [
  DELAYED,
  { role: "tallyman-image-action", queue: "ImageActionQueue", deadLetters: "ImageActionDeadLetters" },
  {
    role: "tallyman-replication-action",
    queue: "ReplicationActionQueue",
    deadLetters: "ReplicationActionDeadLetters",
  },
  { role: "tallyman-trail-action", queue: "TrailQueue", deadLetters: "TrailDeadLetters" },
  { role: "tallyman-replica-check", queue: "ReplicaCheckQueue", deadLetters: "ReplicaCheckDeadLetters" },
  { role: "tallyman-reconcile", queue: "ReconcileQueue.fifo", deadLetters: "ReconcileDeadLetters" },
  { role: "tallyman-due", queue: "DueQueue", deadLetters: "DueDeadLetters" },
  { role: "tallyman-usage-action", queue: "UsageActionQueue", deadLetters: "UsageActionDeadLetters" },
  { role: "tallyman-collect-usage", queue: "UsageQueue.fifo", deadLetters: "UsageDeadLetters" },
  { role: "tallyman-notify", queue: "NoticeQueue.fifo", deadLetters: "NoticeDeadLetters" },
];

/** One message in each dead-letter queue is sent back to where it came from. */
const redriven: Scenario = {
  async setUp(ground) {
    const mute = ({ role }: { readonly role: string }) =>
      ground.swap({ role: `arn:aws:iam::${EAST.account}:role/${role}`, inlinePolicies: [] });
    await mute(DELAYED);
    await sendTo(ground.url, DELAYED.queue, { nobody: "can read this" });
    await ground.product.control("POST", "clock", { advance: "PT61S" });
    await exhaust(ground.url, DELAYED.queue);
    await ground.settle();
    for (const consumer of CONSUMERS) await mute(consumer);
    for (const { queue } of CONSUMERS.slice(1)) {
      await sendTo(ground.url, queue, { nobody: "can read this" });
      await exhaust(ground.url, queue);
    }
    await ground.swap({ restore: true });
  },
  async act(ground) {
    await ground.get("/dead-letters");
    for (const { deadLetters } of CONSUMERS) {
      await ground.get(`/dead-letters/${deadLetters}/redrive`);
      await ground.post(`/dead-letters/${deadLetters}/redrive`);
    }
  },
  async isDone(ground) {
    const states: unknown[] = [];
    for (const { deadLetters } of CONSUMERS) {
      const { items } = await ground.get(`/dead-letters/${deadLetters}/redrive`);
      const [task] = items as readonly Item[];
      states.push(`${task?.["state"]} ${task?.["moved"]}`);
    }
    return states.every((state) => state === "completed 1");
  },
};

/** Slack asks for a longer pause than a function may wait: the notice waits in its queue. */
const slackBusy: Scenario = {
  async setUp({ product }) {
    const limited = { status: 429, code: "ratelimited", retryAfter: 60, times: 1 };
    await product.control("POST", "faults", { operations: { "slack:chat.postMessage": limited } });
  },
  act: async (ground) => void (await push(ground, OTHER, ["latest"])),
  async isDone(ground) {
    const messages = (await ground.product.control("GET", "slack"))["messages"] as readonly unknown[];
    if (messages.length === 1) return true;
    const { batches, queues } = await ground.product.control("GET", "idle");
    const notices = (queues as readonly Item[]).find((queue) => queue["name"] === "NoticeQueue.fifo");
    if (batches === 0 && notices?.["inFlight"] === 1)
      await ground.product.control("POST", "clock", { advance: "PT61S" });
    return false;
  },
};

/** What each of a member's rules forwards: a call for the repository and one for the image, its push, a run of its policy. */
const FORWARDED = 4;

/** The hub's bus refuses a member's events: they lie in the member's dead-letter queue. */
const memberUndeliverable: Scenario = {
  async setUp(ground) {
    const bus = `arn:aws:events:${EAST.region}:${EAST.account}:event-bus/tallyman`;
    await ground.swap({ resource: bus, policy: null });
  },
  async act(ground) {
    await push(ground, OTHER, ["1.0.0"]);
    const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 9 };
    const rules = [{ rulePriority: 1, selection, action: { type: "expire" } }];
    const input = { repositoryName: REPOSITORY, lifecyclePolicyText: JSON.stringify({ rules }) };
    await withEcr(ground.url, OTHER, (ecr) => ecr.send(new PutLifecyclePolicyCommand(input)));
    await ground.product.control("POST", "lifecycle");
  },
  isDone: async (ground) => (await ground.inQueue("ForwardDeadLetters")) === FORWARDED,
  isExpected: ({ action }) => action === "events:PutEvents",
};

const FED_BY_RULES = ["ImageActionQueue", "ReplicationActionQueue", "TrailQueue", "UsageActionQueue"];

/** A task that cannot start: ECS tells that it stopped. */
async function stopTask(product: Embedded): Promise<void> {
  const workloads = new Workloads(product, EAST);
  try {
    const executionRole = await workloads.role("exec");
    await workloads.cluster("shop");
    const image = uriOf(EAST, "prod/nothing:1.0.0");
    await workloads.runs("shop", await workloads.service("shop", "web", { image, executionRole }));
  } finally {
    workloads.destroy();
  }
}

/** The hub's queues refuse what its rules send. */
const hubUndeliverable: Scenario = {
  async setUp(ground) {
    await replicate(ground.url, { source: EAST, destination: EUROPE, prefix: "prod/" });
    for (const queue of FED_BY_RULES) await ground.swap({ resource: queueArn(queue), policy: null });
  },
  async act(ground) {
    await push(ground, EAST, ["1.0.0"]);
    await stopTask(ground.product);
  },
  isDone: async (ground) =>
    (await ground.inQueue("UsageActionDeadLetters")) > 0 &&
    (await ground.inQueue("ImageActionDeadLetters")) > 0 &&
    (await ground.inQueue("ReplicationActionDeadLetters")) > 0 &&
    (await ground.inQueue("TrailDeadLetters")) > 0,
  isExpected: isRefusedSend(FED_BY_RULES),
};

const FED_BY_SCHEDULES = ["DueQueue", "ReconcileQueue.fifo", "UsageQueue.fifo"];

/** The queues of both schedules refuse them. */
const schedulesUndeliverable: Scenario = {
  async setUp(ground) {
    for (const queue of FED_BY_SCHEDULES) {
      const deny = { Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Resource: queueArn(queue) };
      const policy = { Version: "2012-10-17", Statement: [deny] };
      await ground.swap({ resource: queueArn(queue), policy });
    }
  },
  async act({ product }) {
    await product.control("POST", "run/due?wait=0");
    await product.control("POST", "run/reconcile?wait=0");
    await product.control("POST", "run/reconcile-changed?wait=0");
    await product.control("POST", "run/usage?wait=0");
  },
  isDone: async (ground) => (await ground.inQueue("ScheduleDeadLetters")) >= 4,
  isExpected: isRefusedSend(FED_BY_SCHEDULES),
};

export const operationScenarios = {
  asked,
  redriven,
  slackBusy,
  memberUndeliverable,
  hubUndeliverable,
  schedulesUndeliverable,
} satisfies Readonly<Record<string, Scenario>>;
