import type { AuthorizationRequest } from "@tallyman/domain/iam-policy/authorize";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const repositoryName = "team/app";
const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 };
const rules = [{ rulePriority: 1, selection, action: { type: "expire" } }];
const lifecyclePolicyText = JSON.stringify({ rules });
const operations = [
  "PutLifecyclePolicy",
  "GetLifecyclePolicy",
  "StartLifecyclePolicyPreview",
  "GetLifecyclePolicyPreview",
  "DeleteLifecyclePolicy",
];

let server: RegistryServer;
let client: RegistryClient;
let asked: AuthorizationRequest[] = [];
let refuse = false;

beforeAll(async () => {
  server = await startRegistryServer({
    authorize(request) {
      asked.push(request);
      return refuse ? { allowed: false, explicitDeny: false, message: "no" } : { allowed: true };
    },
  });
  client = clientOf(server);
});
beforeEach(async () => {
  refuse = false;
  client = clientOf(server);
  await server.registry.reset();
  await client.api("CreateRepository", { repositoryName });
  asked = [];
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

describe("the lifecycle operations", () => {
  test("each ask for the action of their name on the repository", async () => {
    for (const operation of operations) {
      const { status } = await client.api(operation, { repositoryName, lifecyclePolicyText });
      expect([operation, status]).toEqual([operation, 200]);
    }
    const resource = `arn:aws:ecr:us-east-1:111122223333:repository/${repositoryName}`;
    expect(asked.map(({ action, resource: on }) => [action, on])).toEqual(
      operations.map((operation) => [`ecr:${operation}`, resource]),
    );
  });

  test("do nothing for whom they refuse, whether the repository is there or not", async () => {
    refuse = true;
    for (const operation of operations)
      for (const name of [repositoryName, "absent"]) {
        const { status, body } = await client.api(operation, { repositoryName: name, lifecyclePolicyText });
        expect([operation, status, body["__type"]]).toEqual([operation, 400, "AccessDeniedException"]);
      }
    refuse = false;
    expect((await client.api("GetLifecyclePolicy", { repositoryName })).status).toBe(400);
    expect((await client.api("GetLifecyclePolicyPreview", { repositoryName })).status).toBe(400);
  });

  test("refuse a page token of an earlier preview", async () => {
    for (const name of ["a", "b", "c"]) await client.push(repositoryName, anImage([name]), name);
    const preview = async (more: object) => {
      const { body } = await client.api("GetLifecyclePolicyPreview", { repositoryName, ...more });
      return body as { nextToken?: string; __type?: string; previewResults?: unknown[] };
    };
    const restart = async () => {
      await client.api("StartLifecyclePolicyPreview", { repositoryName, lifecyclePolicyText });
      server.clock.now = new Date(server.clock.now.getTime() + 1000);
    };
    await restart();
    const { nextToken, previewResults } = await preview({ maxResults: 1 });
    expect(previewResults).toHaveLength(1);
    expect((await preview({ maxResults: 1, nextToken })).previewResults).toHaveLength(1);
    await restart();
    expect((await preview({ maxResults: 1, nextToken }))["__type"]).toBe("InvalidParameterException");
  });

  test("preview an archived image as such, under the id of the stored policy and under another one", async () => {
    const image = anImage(["a"]);
    await client.push(repositoryName, image, "a");
    const imageId = { imageTag: "a" };
    const target = { repositoryName, imageId, targetStorageClass: "ARCHIVE" };
    await client.api("UpdateImageStorageClass", target);
    server.clock.now = new Date(server.clock.now.getTime() + 91 * 86_400_000);
    const ages = { countType: "sinceImageTransitioned", countUnit: "days", countNumber: 90 };
    const expireArchived = { tagStatus: "any", storageClass: "archive", ...ages };
    const stored = JSON.stringify({ rules: [{ ...rules[0], selection: expireArchived }] });
    await client.api("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: stored });

    server.events.length = 0;
    await client.api("StartLifecyclePolicyPreview", { repositoryName });
    server.clock.now = new Date(server.clock.now.getTime() + 1000);
    const { body } = await client.api("GetLifecyclePolicyPreview", { repositoryName });
    expect(body["previewResults"]).toMatchObject([
      { imageDigest: image.digest, action: { type: "EXPIRE" }, storageClass: "ARCHIVE" },
    ]);
    await server.registry.runLifecycle("all");
    await client.api("StartLifecyclePolicyPreview", { repositoryName, lifecyclePolicyText });
    const ids = server.events.map(({ detail }) => {
      const details = detail["serviceEventDetails"] as { lifecycleEventPolicy: { policyId: string } };
      return [detail["eventName"], details.lifecycleEventPolicy.policyId];
    });
    const [dryRun, execution, other] = ids;
    expect(ids.map(([name]) => name)).toEqual(["DryRunEvent", "PolicyExecutionEvent", "DryRunEvent"]);
    expect(dryRun?.[1]).toBe(execution?.[1]);
    expect(other?.[1]).not.toBe(execution?.[1]);
  });
});
