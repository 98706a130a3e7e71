import { DeregisterPullTimeUpdateExclusionCommand } from "@aws-sdk/client-ecr";
import { aReplicationEvent } from "../../builders/ecr-event.ts";
import {
  allowReplication,
  createRepository,
  deleteImage,
  EAST,
  EUROPE,
  OTHER,
  replicate,
  withEcr,
} from "../registries.ts";
import { type PushedManifest, type Registry, RegistryClient } from "../registry-client.ts";
import type { Ground, Scenario } from "./ground.ts";
import { sendTo } from "./queues.ts";

export const REPOSITORY = "prod/web";
/** Breaks a rule, so that people are told. */
const BAD_TAG = "latest";

export async function push(
  { url }: Ground,
  registry: Registry,
  tags: readonly string[],
): Promise<PushedManifest> {
  await createRepository(url, registry, REPOSITORY);
  const client = await RegistryClient.login(url, registry);
  const pushed: PushedManifest[] = [];
  for (const tag of tags) pushed.push(await client.pushImage(REPOSITORY, tag, "the image"));
  const [image] = pushed;
  if (image === undefined) throw new Error("pushed nothing");
  return image;
}

/** The image is known with its manifest, and people know of its violation. */
async function isRecordedAndTold(ground: Ground): Promise<boolean> {
  const { account, region } = OTHER;
  const images = await ground.get("/images", { account, region, repository: REPOSITORY, tag: BAD_TAG });
  const violations = await ground.get("/violations");
  const [image] = images["items"] as readonly Record<string, unknown>[];
  const [violation] = violations["items"] as readonly Record<string, unknown>[];
  return image?.["manifest"] === "known" && violation?.["noticedAt"] !== undefined;
}

async function hasEnded(ground: Ground, tag: string): Promise<boolean> {
  const { account, region } = OTHER;
  const history = await ground.get("/tags/history", { account, region, repository: REPOSITORY, tag });
  return (history["items"] as readonly Record<string, unknown>[]).at(-1)?.["digest"] === null;
}

const pushed: Scenario = {
  act: async (ground) => void (await push(ground, OTHER, [BAD_TAG])),
  isDone: isRecordedAndTold,
};

const deleted: Scenario = {
  async setUp(ground) {
    await push(ground, OTHER, ["1.0.0", "1.0.1"]);
    await ground.settle();
  },
  async act({ url }) {
    const { digest: imageDigest } = await digestOf(url);
    await deleteImage(url, OTHER, { repositoryName: REPOSITORY, imageIds: [{ imageDigest }] });
  },
  isDone: async (ground) => (await hasEnded(ground, "1.0.0")) && (await hasEnded(ground, "1.0.1")),
};

async function digestOf(url: string): Promise<{ readonly digest: string }> {
  const client = await RegistryClient.login(url, OTHER);
  const answer = await client.request("HEAD", `/v2/${REPOSITORY}/manifests/1.0.0`);
  return { digest: answer.headers.get("docker-content-digest") ?? "" };
}

/** A copy between accounts. */
const copied: Scenario = {
  async setUp({ url }) {
    await allowReplication(url, EAST, OTHER);
    await replicate(url, { source: EAST, destination: OTHER, prefix: "prod/" });
  },
  act: async (ground) => void (await push(ground, EAST, [BAD_TAG])),
  async isDone(ground) {
    const found = await ground.get("/replicas", { ...OTHER, repository: REPOSITORY });
    const [replica] = found["items"] as readonly Record<string, unknown>[];
    return replica?.["state"] === "arrived" && (await isRecordedAndTold(ground));
  },
};

/** Of a copy whose push nobody heard of, its own event brings everything. */
const copyHeardOf: Scenario = {
  async setUp(ground) {
    await ground.loseEvents(true);
    await push(ground, OTHER, [BAD_TAG]);
  },
  async act(ground) {
    const client = await RegistryClient.login(ground.url, OTHER);
    const answer = await client.request("HEAD", `/v2/${REPOSITORY}/manifests/${BAD_TAG}`);
    const digest = answer.headers.get("docker-content-digest") ?? "";
    const event = aReplicationEvent({
      registry: OTHER,
      source: EUROPE,
      repository: REPOSITORY,
      digest,
      tag: BAD_TAG,
    });
    await sendTo(ground.url, "ReplicationActionQueue", event);
  },
  isDone: isRecordedAndTold,
};

/** A copy that was deleted before its event was read. */
const copyGone: Scenario = {
  async setUp(ground) {
    const { digest } = await push(ground, OTHER, ["1.0.0", "1.0.1"]);
    await ground.settle();
    await ground.loseEvents(true);
    await deleteImage(ground.url, OTHER, { repositoryName: REPOSITORY, imageIds: [{ imageDigest: digest }] });
    const event = aReplicationEvent({
      registry: OTHER,
      source: EAST,
      repository: REPOSITORY,
      digest,
      tag: "1.0.0",
    });
    goneEvents.set(ground, event);
  },
  act: async (ground) => sendTo(ground.url, "ReplicationActionQueue", goneEvents.get(ground) ?? {}),
  isDone: async (ground) => hasEnded(ground, "1.0.1"),
};
const goneEvents = new WeakMap<Ground, object>();

/** Two accounts without a registry policy between them: the copy fails, which the check finds and tells. */
const replicaChecked: Scenario = {
  async setUp(ground) {
    await replicate(ground.url, { source: OTHER, destination: EAST, prefix: "prod/" });
    await push(ground, OTHER, ["1.0.0"]);
    await ground.settle();
  },
  act: async ({ product }) => void (await product.control("POST", "clock", { advance: "PT3M" })),
  async isDone(ground) {
    const found = await ground.get("/replicas", { ...EAST, repository: REPOSITORY });
    const [replica] = found["items"] as readonly Record<string, unknown>[];
    const told = (await ground.product.control("GET", "slack"))["messages"] as readonly unknown[];
    return replica?.["state"] === "failed" && told.length === 1;
  },
};

/** Events were lost and the pull-time exclusion taken away: a reconcile repairs both. */
const reconciled: Scenario = {
  async setUp(ground) {
    // A first deployment starts paused.
    await ground.post("/brake", { on: false, reason: "a trial" });
    await ground.loseEvents(true);
    await push(ground, OTHER, [BAD_TAG]);
    await withEcr(ground.url, OTHER, (ecr) =>
      ecr.send(
        new DeregisterPullTimeUpdateExclusionCommand({
          principalArn: `arn:aws:iam::${OTHER.account}:role/tallyman-reader`,
        }),
      ),
    );
  },
  act: async ({ product }) => void (await product.control("POST", "run/reconcile")),
  async isDone(ground) {
    const actions = (await ground.product.api.list("/audit")).map((entry) => entry["action"]);
    return actions.includes("pull-time-exclusion.registered") && (await isRecordedAndTold(ground));
  },
};

export const imageScenarios = {
  pushed,
  deleted,
  copied,
  copyHeardOf,
  copyGone,
  replicaChecked,
  reconciled,
} satisfies Readonly<Record<string, Scenario>>;
