import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_LIMITS } from "../core/core.ts";
import { anImage, anIndex } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { selectDestinations } from "./request-replication.ts";

const HERE = ADMIN.account;
const THERE = "444455556666";
let server: RegistryServer;
let source: RegistryClient;
let west: RegistryClient;
let abroad: RegistryClient;

beforeEach(async () => {
  server = await startRegistryServer();
  source = clientOf(server);
  west = clientOf(server, { region: "us-west-2" });
  abroad = clientOf(server, { caller: { account: THERE, arn: `arn:aws:iam::${THERE}:user/admin` } });
  await source.api("CreateRepository", { repositoryName: "prod/web" });
});
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

function rule(destinations: readonly (readonly [string, string])[], prefix?: string) {
  return {
    destinations: destinations.map(([registryId, region]) => ({ registryId, region })),
    ...(prefix === undefined ? {} : { repositoryFilters: [{ filter: prefix, filterType: "PREFIX_MATCH" }] }),
  };
}
function replicateTo(...rules: object[]) {
  return source.api("PutReplicationConfiguration", { replicationConfiguration: { rules } });
}
async function statuses(imageTag: string) {
  const { body } = await source.api("DescribeImageReplicationStatus", {
    repositoryName: "prod/web",
    imageId: { imageTag },
  });
  return body["replicationStatuses"];
}
async function tagsIn(client: RegistryClient, repository = "prod/web") {
  const { text } = await client.v2({ method: "GET", path: `/v2/${repository}/tags/list` });
  return JSON.parse(text).tags;
}

describe("within an account", () => {
  test("an image arrives whole in the other Region, in a repository made for it, and is announced there", async () => {
    await replicateTo(rule([[HERE, "us-west-2"]]));
    const image = anImage(["one", "two"]);
    await source.push("prod/web", image, "1.0");
    await server.registry.idle();

    expect(await statuses("1.0")).toEqual([{ region: "us-west-2", registryId: HERE, status: "COMPLETE" }]);
    const got = await west.v2({ method: "GET", path: "/v2/prod/web/manifests/1.0" });
    expect(got.body.equals(image.bytes)).toBe(true);
    for (const { digest } of JSON.parse(got.text).layers) {
      expect((await west.v2({ method: "GET", path: `/v2/prod/web/blobs/${digest}` })).status).toBe(200);
    }
    expect(server.events.slice(1)).toEqual([
      {
        account: HERE,
        region: "us-west-2",
        detailType: "ECR Replication Action",
        time: server.clock.now,
        resources: [`arn:aws:ecr:us-west-2:${HERE}:repository/prod/web`],
        detail: {
          result: "SUCCESS",
          "repository-name": "prod/web",
          "image-digest": image.digest,
          "source-account": HERE,
          "action-type": "REPLICATE",
          "source-region": "us-east-1",
          "image-tag": "1.0",
        },
      },
    ]);
  });

  test("is in progress until it is done", async () => {
    await replicateTo(rule([[HERE, "us-west-2"]]));
    const push = source.push("prod/web", anImage(), "1.0");
    await push;
    // Either still open or done by now, never absent: the job is committed with the push.
    expect([["IN_PROGRESS"], ["COMPLETE"]]).toContainEqual(
      ((await statuses("1.0")) as unknown as { status: string }[]).map(({ status }) => status),
    );
  });

  test("an index brings its children, also those from before the rule", async () => {
    const [old, young] = [anImage(["old"]), anImage(["young"])];
    await source.push("prod/web", old);
    await replicateTo(rule([[HERE, "us-west-2"]]));
    await source.push("prod/web", young);
    const index = anIndex([old, young]);
    await source.push("prod/web", index, "multi");
    await server.registry.idle();
    for (const digest of [old, young, index].map((image) => image.digest)) {
      expect((await west.v2({ method: "GET", path: `/v2/prod/web/manifests/${digest}` })).status).toBe(200);
    }
    const arrivals = server.events.filter((event) => event.region === "us-west-2");
    expect(arrivals.map((event) => event.detail["image-tag"])).toEqual(["", "multi"]);
  });

  test("a tag that moves there and back ends where it ended", async () => {
    await replicateTo(rule([[HERE, "us-west-2"]]));
    const [a, b] = [anImage(["a"]), anImage(["b"])];
    for (const image of [a, b, a]) await source.push("prod/web", image, "latest");
    await server.registry.idle();
    const { headers } = await west.v2({ method: "HEAD", path: "/v2/prod/web/manifests/latest" });
    expect(headers["docker-content-digest"]).toBe(a.digest);
  });

  test("does not move a tag that is immutable at the destination", async () => {
    await west.api("CreateRepository", { repositoryName: "prod/web", imageTagMutability: "IMMUTABLE" });
    await replicateTo(rule([[HERE, "us-west-2"]]));
    const [a, b] = [anImage(["a"]), anImage(["b"])];
    for (const image of [a, b]) await source.push("prod/web", image, "latest");
    await server.registry.idle();
    const { headers } = await west.v2({ method: "HEAD", path: "/v2/prod/web/manifests/latest" });
    expect(headers["docker-content-digest"]).toBe(a.digest);
    expect((await west.v2({ method: "HEAD", path: `/v2/prod/web/manifests/${b.digest}` })).status).toBe(200);
    expect(server.events.at(-1)?.detail["image-tag"]).toBe("");
  });

  test("does not go on from the destination, and does not bring what was there before", async () => {
    await source.push("prod/web", anImage(["before"]), "before");
    await replicateTo(rule([[HERE, "us-west-2"]]));
    await west.api("PutReplicationConfiguration", {
      replicationConfiguration: { rules: [rule([[HERE, "eu-central-1"]])] },
    });
    await source.push("prod/web", anImage(["after"]), "after");
    await server.registry.idle();
    expect(await tagsIn(west)).toEqual(["after"]);
    const further = clientOf(server, { region: "eu-central-1" });
    expect((await further.api("DescribeRepositories")).body["repositories"]).toEqual([]);
    expect(await statuses("before")).toEqual([]);
  });

  test("brings a restored image, and restores one that is archived there", async () => {
    await replicateTo(rule([[HERE, "us-west-2"]]));
    await source.push("prod/web", anImage(), "1");
    await server.registry.idle();
    const archive = { repositoryName: "prod/web", imageId: { imageTag: "1" }, targetStorageClass: "ARCHIVE" };
    await west.api("UpdateImageStorageClass", archive);
    await source.api("UpdateImageStorageClass", archive);
    await server.registry.idle();
    expect(await tagsIn(west)).toEqual([]);
    await source.api("UpdateImageStorageClass", { ...archive, targetStorageClass: "STANDARD" });
    server.clock.now = new Date(server.clock.now.getTime() + DEFAULT_LIMITS.restoreDuration);
    server.registry.completeRestores();
    await server.registry.idle();
    expect(await tagsIn(west)).toEqual(["1"]);
  });

  test("does not bring an image that was archived before its turn came", async () => {
    await source.push("prod/web", anImage(), "0");
    await replicateTo(rule([[HERE, "us-west-2"]]));
    const another = anImage(undefined, { annotations: { another: "one" } });
    const imageId = { imageTag: "1" };
    // Not one after the other: the worker starts in the next turn.
    await Promise.all([
      source.api("PutImage", {
        repositoryName: "prod/web",
        imageManifest: another.bytes.toString(),
        ...imageId,
      }),
      source.api("UpdateImageStorageClass", {
        repositoryName: "prod/web",
        imageId,
        targetStorageClass: "ARCHIVE",
      }),
    ]);
    await server.registry.idle();
    expect(await statuses("1")).toEqual([
      { region: "us-west-2", registryId: HERE, status: "FAILED", failureCode: "ImageArchived" },
    ]);
    expect((await west.api("DescribeRepositories")).body["repositories"]).toEqual([]);
  });

  test("does not bring deletions", async () => {
    await replicateTo(rule([[HERE, "us-west-2"]]));
    await source.push("prod/web", anImage(), "1");
    await server.registry.idle();
    await source.api("BatchDeleteImage", { repositoryName: "prod/web", imageIds: [{ imageTag: "1" }] });
    await server.registry.idle();
    expect(await tagsIn(west)).toEqual(["1"]);
  });
});

describe("between accounts", () => {
  const grant = (...actions: string[]) =>
    abroad.api("PutRegistryPolicy", {
      policyText: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${HERE}:root` },
            Action: actions,
            Resource: `arn:aws:ecr:us-east-1:${THERE}:repository/*`,
          },
        ],
      }),
    });
  const outcome = { region: "us-east-1", registryId: THERE };

  test("fails without a registry policy at the destination, and shows nothing there", async () => {
    await replicateTo(rule([[THERE, "us-east-1"]]));
    await source.push("prod/web", anImage(), "1");
    await server.registry.idle();
    expect(await statuses("1")).toEqual([{ ...outcome, status: "FAILED", failureCode: "AccessDenied" }]);
    expect((await abroad.api("DescribeRepositories")).body["repositories"]).toEqual([]);
    expect(server.events).toHaveLength(1);
  });

  test("fails where the repository is missing and may not be created, and works once it is there", async () => {
    await replicateTo(rule([[THERE, "us-east-1"]]));
    await grant("ecr:ReplicateImage");
    await source.push("prod/web", anImage(["1"]), "1");
    await server.registry.idle();
    expect(await statuses("1")).toEqual([
      { ...outcome, status: "FAILED", failureCode: "RepositoryNotFound" },
    ]);
    await abroad.api("CreateRepository", { repositoryName: "prod/web" });
    await source.push("prod/web", anImage(["2"]), "2");
    await server.registry.idle();
    expect(await statuses("2")).toEqual([{ ...outcome, status: "COMPLETE" }]);
    expect(await tagsIn(abroad)).toEqual(["2"]);
  });

  test("fails within an account, too, where the destination's policy denies it", async () => {
    await west.api("PutRegistryPolicy", {
      policyText: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "ecr:*",
            Resource: `arn:aws:ecr:us-west-2:${HERE}:repository/prod/*`,
          },
        ],
      }),
    });
    await replicateTo(rule([[HERE, "us-west-2"]]));
    await source.api("CreateRepository", { repositoryName: "test/web" });
    await source.push("prod/web", anImage(), "1");
    await source.push("test/web", anImage(), "1");
    await server.registry.idle();
    expect(await statuses("1")).toMatchObject([{ status: "FAILED", failureCode: "AccessDenied" }]);
    const { body } = await west.api("DescribeRepositories");
    expect(body["repositories"]).toMatchObject([{ repositoryName: "test/web" }]);
  });

  test("creates the repository where the policy allows that too", async () => {
    await replicateTo(rule([[THERE, "us-east-1"]]));
    await grant("ecr:ReplicateImage", "ecr:CreateRepository");
    await source.push("prod/web", anImage(), "1");
    await server.registry.idle();
    expect(await tagsIn(abroad)).toEqual(["1"]);
    expect(server.events.at(-1)).toMatchObject({ account: THERE, detail: { "source-account": HERE } });
  });
});

describe("what was asked for", () => {
  test("is done after a restart", async () => {
    // So many that the restart comes before the last of them.
    const regions = Array.from({ length: 25 }, (_, n) => `us-test-${n}`);
    await replicateTo(rule(regions.map((region) => [HERE, region] as const)));
    await source.push("prod/web", anImage(), "1");
    await server.restart();
    const open = (await statuses("1")) as unknown as { status: string }[];
    expect(open.some(({ status }) => status === "IN_PROGRESS")).toBe(true);
    for (const region of regions) {
      const there = clientOf(server, { region });
      await vi.waitFor(async () => expect(await tagsIn(there)).toEqual(["1"]), { timeout: 60_000 });
    }
  });
});

describe("the configuration", () => {
  test("comes back from DescribeRegistry as it was put", async () => {
    const rules = [rule([[HERE, "us-west-2"]], "prod/"), rule([[THERE, "us-east-1"]])];
    await replicateTo(...rules);
    const { body } = await source.api("DescribeRegistry");
    expect(body).toEqual({ registryId: HERE, replicationConfiguration: { rules } });
  });

  test("is empty by default, and can be emptied", async () => {
    expect((await west.api("DescribeRegistry")).body["replicationConfiguration"]).toEqual({ rules: [] });
    await replicateTo(rule([[HERE, "us-west-2"]]));
    await replicateTo();
    expect((await source.api("DescribeRegistry")).body["replicationConfiguration"]).toEqual({ rules: [] });
  });

  test.each([
    ["itself as a destination", [rule([[HERE, "us-east-1"]])], "cannot be the same as the source registry"],
    ["eleven rules", Array.from({ length: 11 }, () => rule([[HERE, "us-west-2"]])), "rules"],
    [
      "26 destinations",
      [rule(Array.from({ length: 26 }, (_, n) => [String(100000000000 + n), "us-west-2"]))],
      "25",
    ],
    ["a filter that is no prefix", [rule([[HERE, "us-west-2"]], "*x")], "filter"],
  ])("with %s is refused", async (_, rules, text) => {
    const { body } = await replicateTo(...rules);
    expect(body["__type"]).toBe("InvalidParameterException");
    expect(body["message"]).toContain(text);
  });
});

describe("which destinations a repository has", () => {
  const to = (region: string) => ({ account: HERE, region });
  const repository = { account: HERE, region: "us-east-1", name: "prod/web" };
  test.each([
    ["none without a rule", [], []],
    [
      "all of a rule without filters",
      [{ prefixes: [], destinations: [to("a"), to("b")] }],
      [to("a"), to("b")],
    ],
    ["those of any matching filter", [{ prefixes: ["dev", "prod"], destinations: [to("a")] }], [to("a")]],
    ["none of a filter that only contains the prefix", [{ prefixes: ["web"], destinations: [to("a")] }], []],
    [
      "each one once",
      [
        { prefixes: [], destinations: [to("a")] },
        { prefixes: ["p"], destinations: [to("a")] },
      ],
      [to("a")],
    ],
    ["never itself", [{ prefixes: [], destinations: [to("us-east-1")] }], []],
  ])("%s", (_, rules, expected) => {
    expect(selectDestinations(rules, repository)).toEqual(expected);
  });
});
