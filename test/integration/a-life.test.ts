import {
  BatchDeleteImageCommand,
  PutLifecyclePolicyCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { createRepository, deleteImage, EAST, replicate, WEST, withEcr } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { callTallyman } from "../support/run-tallyman.ts";

const NAME = "lives/web";
const SOMEBODY = `arn:aws:iam::${EAST.account}:user/test`;
const RULE = "lifecycle rule 1: keep one";

let product: Embedded;
let client: RegistryClient;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  product = await Embedded.start();
  client = await RegistryClient.login(product.url, EAST);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await product?.dispose();
});

async function push(tag: string, content: string, repository = NAME): Promise<string> {
  const { digest } = await client.pushImage(repository, tag, content);
  await product.until(`${tag} is at ${content}`, async () => {
    const { body } = await product.api.get("/images", { ...EAST, repository, tag });
    return (body["items"] as { digest: string }[] | undefined)?.[0]?.digest === digest;
  });
  return digest;
}

type Entry = Readonly<Record<"what" | "tag" | "by" | "why" | "registry", string | undefined>>;

function inWords({ what, tag, by, why, registry }: Entry): string {
  const who = by === SOMEBODY ? "by test" : by && `by ${by}`;
  const { region }: { region?: string } = Object(registry);
  return [what, tag, region, who, why].filter(Boolean).join(" ");
}

async function lifeOf(digest: string, registry = EAST, repository = NAME): Promise<readonly string[]> {
  const entries = await product.api.list(`/images/${digest}/life`, { ...registry, repository });
  return (entries as unknown as Entry[]).map(inWords);
}

/** Waits until everything was heard of, and who did it. Copies arrive when they do. */
async function isTold(digest: string, expected: readonly string[]): Promise<void> {
  let told: readonly string[] = [];
  await product
    .until("the whole life is told", async () => {
      told = (await lifeOf(digest)).filter((words) => !words.startsWith("copied"));
      return told.length === expected.length && told.every((words, i) => words === expected[i]);
    })
    .catch(() => expect(told).toEqual(expected));
}

async function move(
  imageDigest: string,
  targetStorageClass: "ARCHIVE" | "STANDARD",
  status: string,
): Promise<void> {
  const input = { repositoryName: NAME, imageId: { imageDigest }, targetStorageClass };
  await withEcr(product.url, EAST, (ecr) => ecr.send(new UpdateImageStorageClassCommand(input)));
  await hasStatus(imageDigest, status);
}

async function hasStatus(digest: string, status: string): Promise<void> {
  await product.until(`${digest} is ${status}`, async () => {
    const holders = await product.api.list(`/images/${digest}`);
    return holders.some((it) => it["region"] === EAST.region && it["status"] === status);
  });
}

async function isGone(digest: string): Promise<void> {
  await product.until(`${digest} is gone`, async () => {
    const holders = await product.api.list(`/images/${digest}`);
    return holders.some((it) => it["region"] === EAST.region && it["state"] === "closed");
  });
}

describe("an image that was pushed, tagged, moved, copied, archived, restored, expired, pushed again and deleted", () => {
  let digest: string;

  test("has a life that says each of these once, in order, with who did it and by which rule", async () => {
    await createRepository(product.url, EAST, NAME);
    await replicate(product.url, { source: EAST, destination: WEST, prefix: "lives/" });
    digest = await push("1.0.0", "A");
    await product.until("the copy has arrived", async () =>
      (await lifeOf(digest)).includes("copied 1.0.0 us-west-2"),
    );
    await push("latest", "A");
    await product.until("its tag too", async () =>
      (await lifeOf(digest)).includes("copied latest us-west-2"),
    );
    await push("latest", "B");
    await push("latest", "A");
    await move(digest, "ARCHIVE", "ARCHIVED");
    await move(digest, "STANDARD", "ACTIVATING");
    await product.control("POST", "clock", { advance: "PT30M" });
    await hasStatus(digest, "ACTIVE");
    await push("1.0.1", "C");
    await expire();
    await isGone(digest);
    // CloudTrail's times are cut to seconds: it could not tell this end from the next.
    await product.control("POST", "clock", { advance: "PT10S" });
    await push("2.0.0", "A");
    await deleteImage(product.url, EAST, { repositoryName: NAME, imageIds: [{ imageDigest: digest }] });
    await isGone(digest);

    await isTold(digest, [
      "pushed by test",
      "tagged 1.0.0 by test",
      "tagged latest by test",
      "untagged latest by test",
      "tagged latest by test",
      "archived by test",
      "restoring by test",
      "restored",
      `untagged 1.0.0 by lifecycle policy ${RULE}`,
      `untagged latest by lifecycle policy ${RULE}`,
      `expired by lifecycle policy ${RULE}`,
      "pushed by test",
      "tagged 2.0.0 by test",
      "untagged 2.0.0 by test",
      "deleted by test",
    ]);
    const copies = (await lifeOf(digest)).filter((words) => words.startsWith("copied"));
    expect(copies).toEqual(expect.arrayContaining(["copied 1.0.0 us-west-2", "copied latest us-west-2"]));
  });

  test("lives on where it was copied to, and says where it came from", async () => {
    const [first, ...rest] = await lifeOf(digest, WEST);
    expect([first, rest]).toEqual(["replicated us-east-1", expect.arrayContaining(["tagged 1.0.0"])]);
  });

  test("is what the command tells", async () => {
    const { code, stdout } = await callTallyman(["why", `${NAME}@${digest.slice(0, 19)}`], product.url);
    expect(code).toBe(0);
    expect(stdout).toMatch(/is here:\n.*\n111122223333\/us-west-2 .* active /);
    expect(stdout).toMatch(/It was here, and is gone:\n.*\n111122223333\/us-east-1 .* gone /);
    expect(stdout).toContain("expired by lifecycle policy (rule 1: keep one)");
    expect(stdout).toContain(`deleted by ${SOMEBODY}`);
    const never = await callTallyman(["why", `${NAME}:never`], product.url);
    expect([never.code, never.stderr]).toEqual([1, expect.stringContaining("never seen")]);
  });

  test("is among what changed, and its tag's history says by whom", async () => {
    const changes = await product.api.list("/changes", { since: "1h", ...EAST, repository: NAME });
    expect(changes).toContainEqual(expect.objectContaining({ kind: "image", digest, state: "gone" }));
    expect(changes).toContainEqual(expect.objectContaining({ kind: "tag", tag: "2.0.0", digest: null }));
    const history = await product.api.list("/tags/history", { ...EAST, repository: NAME, tag: "1.0.0" });
    expect(history).toMatchObject([
      { digest, cause: "push", by: SOMEBODY },
      { digest: null, cause: "lifecycle", by: "lifecycle policy", why: RULE },
    ]);
  });
});

async function expire(): Promise<void> {
  const rule = {
    rulePriority: 1,
    description: "keep one",
    selection: {
      tagStatus: "tagged",
      tagPrefixList: ["1."],
      countType: "imageCountMoreThan",
      countNumber: 1,
    },
    action: { type: "expire" },
  };
  const lifecyclePolicyText = JSON.stringify({ rules: [rule] });
  await withEcr(product.url, EAST, (ecr) =>
    ecr.send(new PutLifecyclePolicyCommand({ repositoryName: NAME, lifecyclePolicyText })),
  );
  await product.control("POST", "lifecycle");
}

test("what is gone is forgotten after the days that the policy says, what came back is not", async () => {
  const repository = "forgotten/web";
  await createRepository(product.url, EAST, repository);
  const remove = async (digest: string) => {
    await withEcr(product.url, EAST, (ecr) =>
      ecr.send(
        new BatchDeleteImageCommand({ repositoryName: repository, imageIds: [{ imageDigest: digest }] }),
      ),
    );
    await isGone(digest);
  };
  const gone = await push("1.0.0", "gone for good", repository);
  await remove(gone);
  const back = await push("1.0.1", "gone and back", repository);
  await remove(back);
  expect(await push("1.0.1", "gone and back", repository)).toBe(back);
  expect((await lifeOf(back, EAST, repository)).map((words) => words.split(" ")[0])).toEqual(
    expect.arrayContaining(["pushed", "deleted"]),
  );

  await product.control("POST", "clock", { advance: "P732D" });
  await product.until("it is forgotten", async () => (await lifeOf(gone, EAST, repository)).length === 0);
  expect((await product.api.get("/why", { digest: gone })).status).toBe(404);
  expect(await product.api.list("/tags/history", { ...EAST, repository, tag: "1.0.0" })).toEqual([]);
  expect((await product.api.get("/why", { digest: back })).body).toMatchObject({
    here: [{ ...EAST, repository, tags: ["1.0.1"] }],
    gone: [],
  });
  expect(await lifeOf(back, EAST, repository)).toEqual(["pushed", "tagged 1.0.1"]);
});
