import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anImage, sha256 } from "../testing/image-builder.ts";
import { oneRegistry } from "../testing/one-registry.ts";
import { clientOf } from "../testing/registry-client.ts";
import { ADMIN, startRegistryServer } from "../testing/registry-server.ts";

const world = oneRegistry();
beforeAll(world.start);
beforeEach(world.empty);
afterAll(world.close);

describe("a repository", () => {
  test("is created with ECR's defaults", async () => {
    const { status, body } = await world.client.api("CreateRepository", { repositoryName: "team/app" });
    const host = `111122223333.dkr.ecr.us-east-1.localhost:${new URL(world.server.url).port}`;
    expect([status, body["repository"]]).toEqual([
      200,
      {
        repositoryArn: "arn:aws:ecr:us-east-1:111122223333:repository/team/app",
        registryId: "111122223333",
        repositoryName: "team/app",
        repositoryUri: `${host}/team/app`,
        createdAt: world.server.clock.now.getTime() / 1000,
        imageTagMutability: "MUTABLE",
        imageScanningConfiguration: { scanOnPush: false },
        encryptionConfiguration: { encryptionType: "AES256" },
      },
    ]);
  });

  test("is of one account and one Region", async () => {
    await world.client.api("CreateRepository", { repositoryName: "app" });
    const names = { repositoryNames: ["app"] };
    const west = clientOf(world.server, { region: "us-west-2" });
    expect((await west.api("DescribeRepositories", names)).body["__type"]).toBe(
      "RepositoryNotFoundException",
    );
    const other = clientOf(world.server, { caller: { ...ADMIN, account: "444455556666" } });
    expect((await other.api("DescribeRepositories", names)).body["message"]).toBe(
      "The repository with name 'app' does not exist in the registry with id '444455556666'",
    );
    const across = await other.api("DescribeRepositories", { ...names, registryId: "111122223333" });
    expect(across.status).toBe(200);
  });

  test("is created once", async () => {
    await world.client.api("CreateRepository", { repositoryName: "app" });
    const { body } = await world.client.api("CreateRepository", { repositoryName: "app" });
    expect(body["__type"]).toBe("RepositoryAlreadyExistsException");
  });

  test("is one of at most so many of its registry", async () => {
    const small = await startRegistryServer({ limits: { maxRepositories: 2 } });
    const create = (repositoryName: string, region?: string) =>
      clientOf(small, region === undefined ? {} : { region }).api("CreateRepository", { repositoryName });
    try {
      await create("a1");
      await create("a2");
      expect((await create("a2")).body["__type"]).toBe("RepositoryAlreadyExistsException");
      expect((await create("a3")).body["__type"]).toBe("LimitExceededException");
      expect((await create("a3", "us-west-2")).status).toBe(200);
      await clientOf(small).api("DeleteRepository", { repositoryName: "a1" });
      expect((await create("a3")).status).toBe(200);
    } finally {
      await small.close();
    }
  });

  test("is deleted with images only by force, and comes back empty", async () => {
    await world.client.api("CreateRepository", { repositoryName: "app" });
    await world.client.push("app", anImage(), "1");
    const refused = await world.client.api("DeleteRepository", { repositoryName: "app" });
    expect(refused.body["__type"]).toBe("RepositoryNotEmptyException");
    expect((await world.client.api("DeleteRepository", { repositoryName: "app", force: true })).status).toBe(
      200,
    );
    await world.client.api("CreateRepository", { repositoryName: "app" });
    expect((await world.client.api("ListImages", { repositoryName: "app" })).body["imageIds"]).toEqual([]);
    const path = `/v2/app/blobs/${sha256(Buffer.from("layer"))}`;
    expect((await world.client.v2({ method: "GET", path })).status).toBe(404);
  });

  test("takes exclusion filters exactly where its mutability has them", async () => {
    const filters = [{ filterType: "WILDCARD", filter: "latest*" }];
    const create = (imageTagMutability: string, imageTagMutabilityExclusionFilters?: object) =>
      world.client.api("CreateRepository", {
        repositoryName: "app",
        imageTagMutability,
        imageTagMutabilityExclusionFilters,
      });
    expect((await create("IMMUTABLE_WITH_EXCLUSION")).body["message"]).toContain("can't be null");
    expect((await create("IMMUTABLE", filters)).body["__type"]).toBe("InvalidParameterException");
    const { body } = await create("IMMUTABLE_WITH_EXCLUSION", filters);
    expect(body["repository"]?.["imageTagMutabilityExclusionFilters"]).toEqual(filters);
  });

  test("is listed with the others in pages by name, never both by name and in pages", async () => {
    const names = ["a1", "b1", "c1", "d1", "e1"];
    for (const repositoryName of names.toReversed())
      await world.client.api("CreateRepository", { repositoryName });
    const seen: string[] = [];
    let nextToken: unknown;
    do {
      const { body } = await world.client.api("DescribeRepositories", { maxResults: 2, nextToken });
      seen.push(
        ...(body["repositories"] as unknown as { repositoryName: string }[]).map((it) => it.repositoryName),
      );
      nextToken = body["nextToken"];
    } while (nextToken !== undefined);
    expect(seen).toEqual(names);
    const both = await world.client.api("DescribeRepositories", { repositoryNames: ["a1"], maxResults: 2 });
    expect(both.body["message"]).toContain("'maxResults'");
  });
});

describe("policies", () => {
  const policyText = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "444455556666" }, Action: "ecr:BatchGetImage" }],
  });

  test("of a repository are set, read and deleted", async () => {
    await world.client.api("CreateRepository", { repositoryName: "app" });
    const name = { repositoryName: "app" };
    expect((await world.client.api("GetRepositoryPolicy", name)).body["__type"]).toBe(
      "RepositoryPolicyNotFoundException",
    );
    await world.client.api("SetRepositoryPolicy", { ...name, policyText });
    expect((await world.client.api("GetRepositoryPolicy", name)).body["policyText"]).toBe(policyText);
    expect((await world.client.api("DeleteRepositoryPolicy", name)).body["policyText"]).toBe(policyText);
    expect((await world.client.api("DeleteRepositoryPolicy", name)).body["__type"]).toBe(
      "RepositoryPolicyNotFoundException",
    );
  });

  test("of a registry are put, read and deleted", async () => {
    expect((await world.client.api("GetRegistryPolicy")).body["__type"]).toBe(
      "RegistryPolicyNotFoundException",
    );
    await world.client.api("PutRegistryPolicy", { policyText });
    expect((await world.client.api("GetRegistryPolicy")).body).toEqual({
      registryId: "111122223333",
      policyText,
    });
    await world.client.api("DeleteRegistryPolicy");
    expect((await world.client.api("DeleteRegistryPolicy")).body["__type"]).toBe(
      "RegistryPolicyNotFoundException",
    );
  });

  test.each(["{", "[]", '{"Statement":[{"Effect":"Allow","Action":"ecr:*"}]}'])(
    "%s is none",
    async (text) => {
      const { body } = await world.client.api("PutRegistryPolicy", { policyText: text });
      expect(body["__type"]).toBe("InvalidParameterException");
      expect(body["message"]).toContain("Invalid registry policy provided");
    },
  );
});

describe("pull-time exclusions", () => {
  const principalArn = "arn:aws:iam::111122223333:role/reader";

  test("are registered once, listed in pages, and taken back", async () => {
    const answer = await world.client.api("RegisterPullTimeUpdateExclusion", { principalArn });
    expect(answer.body).toEqual({ principalArn, createdAt: world.server.clock.now.getTime() / 1000 });
    const again = await world.client.api("RegisterPullTimeUpdateExclusion", { principalArn });
    expect(again.body["__type"]).toBe("ExclusionAlreadyExistsException");
    await world.client.api("RegisterPullTimeUpdateExclusion", { principalArn: `${principalArn}2` });
    const first = await world.client.api("ListPullTimeUpdateExclusions", { maxResults: 1 });
    expect(first.body["pullTimeUpdateExclusions"]).toEqual([principalArn]);
    const second = await world.client.api("ListPullTimeUpdateExclusions", {
      nextToken: first.body["nextToken"],
    });
    expect(second.body).toEqual({ pullTimeUpdateExclusions: [`${principalArn}2`] });
    expect((await world.client.api("DeregisterPullTimeUpdateExclusion", { principalArn })).status).toBe(200);
    const gone = await world.client.api("DeregisterPullTimeUpdateExclusion", { principalArn });
    expect(gone.body["__type"]).toBe("ExclusionNotFoundException");
  });

  test("are at most a hundred, of one account and Region", async () => {
    const register = (number: number, region = "us-east-1") =>
      clientOf(world.server, { region }).api("RegisterPullTimeUpdateExclusion", {
        principalArn: `${principalArn}${number}`,
      });
    for (let number = 0; number < 100; number++) expect((await register(number)).status).toBe(200);
    expect((await register(100)).body["__type"]).toBe("LimitExceededException");
    expect((await register(100, "us-west-2")).status).toBe(200);
    await world.client.api("DeregisterPullTimeUpdateExclusion", { principalArn: `${principalArn}7` });
    expect((await register(100)).status).toBe(200);
  });

  test("are of roles and users", async () => {
    for (const arn of ["x", "arn:aws:sts::111122223333:assumed-role/r/s", "arn:aws:iam::111122223333:root"]) {
      const { body } = await world.client.api("RegisterPullTimeUpdateExclusion", { principalArn: arn });
      expect(body["message"]).toContain("'principalArn'");
    }
  });
});

describe("the wire", () => {
  test("an operation that is not there is unknown", async () => {
    const { status, body } = await world.client.api("DescribeEverything");
    expect([status, body["__type"]]).toEqual([404, "UnknownOperationException"]);
  });

  test("a body that is no JSON is refused", async () => {
    const call = { operation: "ListImages", caller: ADMIN, region: "us-east-1" };
    for (const [text, code] of [
      ["{", "SerializationException"],
      ["[]", "SerializationException"],
    ] as const) {
      const answer = await world.server.registry.callApi({ ...call, body: Buffer.from(text) });
      expect([answer.status, JSON.parse(answer.body).__type]).toEqual([400, code]);
    }
  });

  test("BatchCheckLayerAvailability tells what is there, in this repository", async () => {
    await world.client.api("CreateRepository", { repositoryName: "app" });
    const layer = Buffer.from("layer");
    await world.client.pushBlob("app", layer);
    const absent = `sha256:${"0".repeat(64)}`;
    const { body } = await world.client.api("BatchCheckLayerAvailability", {
      repositoryName: "app",
      layerDigests: [sha256(layer), absent, "bad"],
    });
    expect(body["layers"]).toMatchObject([
      { layerAvailability: "AVAILABLE", layerSize: 5 },
      { layerDigest: absent, layerAvailability: "UNAVAILABLE" },
    ]);
    expect(body["failures"]).toMatchObject([{ layerDigest: "bad", failureCode: "InvalidLayerDigest" }]);
  });
});
