import { aReplicationEvent } from "../../builders/ecr-event.ts";
import type { Item } from "../admin-api.ts";
import { allowReplication, deleteImage, EAST, EUROPE, OTHER, replicate } from "../registries.ts";
import type { Registry } from "../registry-client.ts";
import type { Ground, Scenario } from "./ground.ts";
import { BAD_TAG, digestOf, hasEnded, isRecordedAndTold, push, REPOSITORY } from "./image-scenarios.ts";
import { sendTo } from "./queues.ts";

/** The event of a copy that arrived in the other account, as its queue gets it. */
async function report(
  { url }: Ground,
  copy: { readonly source: Registry; readonly digest: string; readonly tag: string },
): Promise<void> {
  const event = aReplicationEvent({ registry: OTHER, repository: REPOSITORY, ...copy });
  await sendTo(url, "ReplicationActionQueue", event);
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
    const digest = await digestOf(ground, BAD_TAG);
    await report(ground, { source: EUROPE, digest, tag: BAD_TAG });
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
  },
  async act(ground) {
    const { items } = await ground.get("/tags/history", { ...OTHER, repository: REPOSITORY, tag: "1.0.0" });
    const [interval] = items as readonly Item[];
    await report(ground, { source: EAST, digest: String(interval?.["digest"]), tag: "1.0.0" });
  },
  isDone: async (ground) => hasEnded(ground, "1.0.1"),
};

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

export const copyScenarios = {
  copied,
  copyHeardOf,
  copyGone,
  replicaChecked,
} satisfies Readonly<Record<string, Scenario>>;
