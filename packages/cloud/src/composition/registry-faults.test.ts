import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../start-cloud.ts";
import { smallStacks } from "../testing/small-stacks.ts";

const hubRegistry = { account: "111122223333", region: "us-east-1" };

describe("a fault of the registry", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "registry-faults-"));
  let cloud: Cloud;
  let impatient: ECRClient;
  let patient: ECRClient;

  beforeAll(async () => {
    const place = { dataDirectory, bundlesDirectory: dataDirectory, port: 0 };
    cloud = await startCloud({ ...smallStacks(), ...place, hubRegistry, registries: [hubRegistry] });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const common = { endpoint: cloud.url, region: "us-east-1", credentials };
    impatient = new ECRClient({ ...common, maxAttempts: 1 });
    patient = new ECRClient({ ...common, maxAttempts: 4 });
    await impatient.send(new CreateRepositoryCommand({ repositoryName: "team/app" }));
  });
  beforeEach(() => setFaults({}));
  afterAll(async () => {
    impatient.destroy();
    patient.destroy();
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function setFaults(operations: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ operations }) };
    expect((await fetch(`${cloud.url}/_embedded/faults`, init)).status).toBe(200);
  }
  const describeAll = (client: ECRClient) => client.send(new DescribeRepositoriesCommand({}));

  test("is an exception that the SDK knows as throttling, and outlasts by trying again", async () => {
    await setFaults({ "ecr:DescribeRepositories": { times: 3 } });
    await expect(describeAll(impatient)).rejects.toMatchObject({
      name: "ThrottlingException",
      message: "Rate exceeded",
      $metadata: { httpStatusCode: 400 },
    });
    const { repositories, $metadata } = await describeAll(patient);
    expect(repositories).toHaveLength(1);
    expect($metadata.attempts).toBe(3);
  });

  test("is a 429 to those who come by /v2, once they have shown a token", async () => {
    const { authorizationData } = await impatient.send(new GetAuthorizationTokenCommand({}));
    const token = String(authorizationData?.[0]?.authorizationToken);
    const list = (headers: Record<string, string>) =>
      fetch(`${cloud.url}/v2/team/app/tags/list`, { headers });
    await setFaults({ "ecr:*": {} });
    expect((await list({})).status).toBe(401);
    const answer = await list({ authorization: `Basic ${token}` });
    expect([answer.status, await answer.json()]).toEqual([
      429,
      { errors: [{ code: "TOOMANYREQUESTS", message: "Rate exceeded" }] },
    ]);
    await setFaults({});
    expect((await list({ authorization: `Basic ${token}` })).status).toBe(200);
  });

  test("is any other that was asked for, with its status", async () => {
    await setFaults({ "ecr:DescribeRepositories": { status: 500, code: "ServerException" } });
    await expect(describeAll(impatient)).rejects.toMatchObject({
      name: "ServerException",
      $metadata: { httpStatusCode: 500 },
    });
  });
});
