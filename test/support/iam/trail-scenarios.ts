import { DeleteRepositoryCommand } from "@aws-sdk/client-ecr";
import { aCall } from "../../builders/trail-event.ts";
import { createRepository, deleteImage, OTHER, withEcr } from "../registries.ts";
import type { Ground, Scenario } from "./ground.ts";
import { BAD_TAG, digestOf, hasEnded, isRecordedAndTold, push, REPOSITORY } from "./image-scenarios.ts";
import { sendTo } from "./queues.ts";

/** A record of CloudTrail that names an image of the other account, as its queue gets it. */
async function tell({ url }: Ground, imageId: Readonly<Record<string, string>>): Promise<void> {
  const response = { imageIds: [imageId], failures: [] };
  const options = { registry: OTHER, repository: REPOSITORY, response };
  await sendTo(url, "TrailQueue", aCall("BatchDeleteImage", { imageIds: [imageId] }, options));
}

/** Of an image of which nobody heard, a record that names it brings everything. */
const callHeardOf: Scenario = {
  async setUp(ground) {
    await ground.loseEvents(true);
    await push(ground, OTHER, [BAD_TAG]);
  },
  async act(ground) {
    await tell(ground, { imageDigest: await digestOf(ground, BAD_TAG), imageTag: BAD_TAG });
  },
  isDone: isRecordedAndTold,
};

/** An image of which the record names the digest alone is gone with its tags. */
const callGone: Scenario = {
  async setUp(ground) {
    const { digest: imageDigest } = await push(ground, OTHER, ["1.0.0", "1.0.1"]);
    await ground.settle();
    await ground.loseEvents(true);
    await deleteImage(ground.url, OTHER, { repositoryName: REPOSITORY, imageIds: [{ imageDigest }] });
  },
  async act(ground) {
    const { items } = await ground.get("/tags/history", { ...OTHER, repository: REPOSITORY, tag: "1.0.0" });
    const [interval] = items as readonly Record<string, unknown>[];
    await tell(ground, { imageDigest: String(interval?.["digest"]) });
  },
  isDone: async (ground) => (await hasEnded(ground, "1.0.0")) && (await hasEnded(ground, "1.0.1")),
};

const repositoryCreated: Scenario = {
  act: ({ url }) => createRepository(url, OTHER, REPOSITORY),
  async isDone({ product }) {
    const listed = await product.api.list("/repositories");
    return listed.some(({ account, repository }) => account === OTHER.account && repository === REPOSITORY);
  },
};

const repositoryDeleted: Scenario = {
  async setUp(ground) {
    await push(ground, OTHER, ["1.0.0"]);
    await ground.settle();
  },
  async act({ url }) {
    const input = { repositoryName: REPOSITORY, force: true };
    await withEcr(url, OTHER, (ecr) => ecr.send(new DeleteRepositoryCommand(input)));
  },
  isDone: (ground) => hasEnded(ground, "1.0.0"),
};

/** Something arrived in a cache, and its event does not say what. */
const pulledThrough: Scenario = {
  async setUp(ground) {
    await ground.loseEvents(true);
    await push(ground, OTHER, [BAD_TAG]);
    await ground.loseEvents(false);
  },
  async act({ product }) {
    const detail = {
      "sync-status": "SUCCESS",
      "ecr-repository-prefix": "prod",
      "repository-name": REPOSITORY,
      "upstream-registry-url": "public.ecr.aws",
    };
    await product.control("POST", "events", {
      ...OTHER,
      detailType: "ECR Pull Through Cache Action",
      detail,
    });
  },
  isDone: isRecordedAndTold,
};

export const trailScenarios = {
  callHeardOf,
  callGone,
  repositoryCreated,
  repositoryDeleted,
  pulledThrough,
} satisfies Readonly<Record<string, Scenario>>;
