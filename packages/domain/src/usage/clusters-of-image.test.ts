import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository, HUB } from "../../../../test/builders/registry.ts";
import { imageUri } from "../../../../test/builders/usage.ts";
import { type ClustersOfImage, withClusters } from "./clusters-of-image.ts";
import { UsageUnavailableError } from "./errors.ts";
import type { UseFound } from "./uses-of.ts";

const REFUSED = new UsageUnavailableError(HUB, { action: "inspector2:GetClustersForImage", refused: true });
const CLUSTER = {
  clusterArn: "arn:aws:ecs:us-east-1:111122223333:cluster/prod",
  lastInUse: "2026-11-22T06:00:00.000Z",
  running: 2,
  stopped: 0,
  workloads: ["service:web"],
};

function aUse(
  name: string,
  source = "inspector",
  image = imageUri("team/app", `@${aDigest(name)}`),
): UseFound {
  return {
    source,
    scope: "111122223333/us-east-1",
    account: HUB.account,
    cluster: "",
    service: "inspected/team/app",
    kinds: ["running"],
    image,
    firstSeen: "2026-11-22T05:00:00.000Z",
    lastSeen: "2026-11-22T06:00:00.000Z",
    via: "digest",
    digest: aDigest(name),
  };
}

const asked: unknown[] = [];
const ask: ClustersOfImage = async (image) => {
  asked.push(image);
  return { clusters: [CLUSTER], complete: true };
};
beforeEach(() => {
  asked.length = 0;
});

test("only what Inspector reported is asked for, by registry, repository and digest; the order stays", async () => {
  const uses = [aUse("a", "ecs"), aUse("b"), aUse("c", "lambda")];
  expect(await withClusters(ask, uses, 10)).toEqual([
    uses[0],
    { ...uses[1], inspected: { clusters: [CLUSTER], complete: true } },
    uses[2],
  ]);
  expect(asked).toEqual([{ ...aRepository("team/app"), digest: aDigest("b") }]);
});

test("beyond the most that are asked at once, a use says that it was not asked for", async () => {
  const found = await withClusters(ask, [aUse("a"), aUse("b"), aUse("c")], 2);
  expect(asked).toHaveLength(2);
  expect(found.map(({ inspected }) => inspected?.unknown)).toEqual([
    undefined,
    undefined,
    "not asked: there are too many at once",
  ]);
});

test.each([
  ["that may not be asked", async () => Promise.reject(REFUSED), undefined, REFUSED.message],
  ["whose report has no digest", ask, imageUri("team/app", ":1.0.0"), "its report names no digest"],
])(
  "a use %s is a use all the same, and says why its clusters are not known",
  async (_, answer, image, unknown) => {
    const use = aUse("a", "inspector", image);
    const inspected = { clusters: [], complete: false, unknown };
    expect(await withClusters(answer, [use], 10)).toEqual([{ ...use, inspected }]);
  },
);

test("an error of ours is not taken for an answer", async () => {
  const broken = async () => Promise.reject(new TypeError("a bug"));
  await expect(withClusters(broken, [aUse("a")], 10)).rejects.toThrow("a bug");
});
