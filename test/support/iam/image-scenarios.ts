import { DeregisterPullTimeUpdateExclusionCommand } from "@aws-sdk/client-ecr";
import { registryName } from "@tallyman/domain/registry/registry";
import type { Item } from "../admin-api.ts";
import { createRepository, deleteImage, OTHER, withEcr } from "../registries.ts";
import { type PushedManifest, type Registry, RegistryClient } from "../registry-client.ts";
import type { Ground, Scenario } from "./ground.ts";

export const REPOSITORY = "prod/web";
/** Breaks a rule, so that people are told. */
export const BAD_TAG = "latest";

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
export async function isRecordedAndTold(ground: Ground): Promise<boolean> {
  const { account, region } = OTHER;
  const images = await ground.get("/images", { account, region, repository: REPOSITORY, tag: BAD_TAG });
  const violations = await ground.get("/violations");
  const [image] = images["items"] as readonly Record<string, unknown>[];
  const [violation] = violations["items"] as readonly Record<string, unknown>[];
  return image?.["manifest"] === "known" && violation?.["noticedAt"] !== undefined;
}

export async function hasEnded(ground: Ground, tag: string): Promise<boolean> {
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
  async act(ground) {
    const imageDigest = await digestOf(ground, "1.0.0");
    await deleteImage(ground.url, OTHER, { repositoryName: REPOSITORY, imageIds: [{ imageDigest }] });
  },
  isDone: async (ground) => (await hasEnded(ground, "1.0.0")) && (await hasEnded(ground, "1.0.1")),
};

/** Of a tag in the other account, as the registry says. */
export async function digestOf({ url }: Ground, tag: string): Promise<string> {
  const client = await RegistryClient.login(url, OTHER);
  const answer = await client.request("HEAD", `/v2/${REPOSITORY}/manifests/${tag}`);
  return answer.headers.get("docker-content-digest") ?? "";
}

/** Events were lost and the pull-time exclusion taken away: a reconcile repairs both. */
const reconciled = {
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
  act: async ({ product }) => void (await product.control("POST", "run/reconcile?wait=0")),
  async isDone(ground) {
    const actions = (await ground.product.api.list("/audit")).map((entry) => entry["action"]);
    return actions.includes("pull-time-exclusion.registered") && (await isRecordedAndTold(ground));
  },
} satisfies Scenario;

/** An event was lost, of a repository that nobody knows yet. */
const reconciledChanged = {
  async setUp(ground) {
    await ground.loseEvents(true);
    await push(ground, OTHER, [BAD_TAG]);
  },
  act: async ({ product }) => void (await product.control("POST", "run/reconcile-changed?wait=0")),
  isDone: isRecordedAndTold,
} satisfies Scenario;

/** The registry fails for a moment, and its message comes back before the queue would bring it. */
const reconcileRetried = {
  async setUp(ground) {
    await reconciledChanged.setUp(ground);
    const refused = { status: 400, code: "AccessDeniedException", registry: registryName(OTHER), times: 1 };
    const events = { drop: 1 };
    await ground.product.control("POST", "faults", {
      events,
      operations: { "ecr:DescribeRepositories": refused },
    });
  },
  act: reconciledChanged.act,
  async isDone(ground) {
    if (await isRecordedAndTold(ground)) return true;
    const { batches, queues } = await ground.product.control("GET", "idle");
    const waiting = (queues as readonly Item[]).find(({ name }) => name === "ReconcileQueue.fifo");
    if (batches === 0 && waiting?.["inFlight"] === 1)
      await ground.product.control("POST", "clock", { advance: "PT11S" });
    return false;
  },
} satisfies Scenario;

export const imageScenarios = {
  pushed,
  deleted,
  reconciled,
  reconciledChanged,
  reconcileRetried,
} satisfies Readonly<Record<string, Scenario>>;
