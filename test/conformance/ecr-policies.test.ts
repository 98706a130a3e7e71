import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type ECRClientConfig,
  GetAuthorizationTokenCommand,
  GetRepositoryPolicyCommand,
  PutRegistryPolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { type Cloud, startCloud } from "@tallyman/cloud/start-cloud";
import { smallStacks } from "@tallyman/cloud/testing/small-stacks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

/** The AWS SDK against the embedded cloud: signatures, sessions and policies as they are for a program of anybody's. */
const OWNER = "111122223333";
const GUEST = "444455556666";
const repositoryName = "team/app";
const arn = `arn:aws:ecr:us-east-1:${OWNER}:repository/${repositoryName}`;
const pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

const allow = (Action: unknown, Resource: unknown = "*", more: object = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown = "*", more: object = {}) => ({
  ...allow(Action, Resource, more),
  Effect: "Deny",
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const grant = (AWS: unknown, Action: unknown, more: object = {}) => ({
  Effect: "Allow",
  Principal: { AWS },
  Action,
  ...more,
});

function principal(name: string, ...statements: object[]) {
  const policies = statements.length === 0 ? [] : [JSON.parse(policy(...statements))];
  return { name, accessKeyId: `AKIA${name.toUpperCase()}`, secretAccessKey: `${name}-secret`, policies };
}
const accounts = {
  accounts: [
    {
      id: OWNER,
      principals: [
        principal("nobody"),
        principal("puller", allow(pull, arn), allow("ecr:GetAuthorizationToken")),
        principal("setter", allow(["ecr:SetRepositoryPolicy", "ecr:GetRepositoryPolicy"])),
        { ...principal("tagged", allow("ecr:*", "*", tagMatches())), tags: { team: "web" } },
        {
          ...principal("bounded", allow("ecr:*")),
          permissionsBoundary: JSON.parse(policy(allow("ecr:Describe*"))),
        },
        principal(
          "local",
          allow("ecr:*", "*", {
            IpAddress: undefined,
            Condition: { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
          }),
        ),
        principal(
          "remote",
          allow("ecr:*", "*", { Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } }),
        ),
      ],
    },
    { id: GUEST, principals: [principal("guest", allow("ecr:*")), principal("visitor")] },
  ],
};
function tagMatches() {
  return { Condition: { StringEquals: { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } } };
}

describe("who may do what", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "policies-"));
  const clients: ECRClient[] = [];
  let cloud: Cloud;
  let admin: ECRClient;

  beforeAll(async () => {
    const hubRegistry = { account: OWNER, region: "us-east-1" };
    const place = {
      dataDirectory,
      bundlesDirectory: dataDirectory,
      port: 0,
      hubRegistry,
      registries: [hubRegistry],
    };
    const stacks = smallStacks();
    const roles = stacks.hub.resources["aws:iam/role:Role"];
    const trust = { Effect: "Allow", Principal: { AWS: OWNER }, Action: "sts:AssumeRole" };
    if (roles)
      roles["Reader"] = {
        name: "reader",
        assumeRolePolicy: JSON.parse(policy(trust)),
        inlinePolicies: [{ name: "p", policy: JSON.parse(policy(allow("ecr:*"))) }],
      };
    cloud = await startCloud({ ...stacks, ...place, accounts });
    admin = clientWith({ accessKeyId: "test", secretAccessKey: "test" });
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await cloud.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await control("reset", {});
    await admin.send(new CreateRepositoryCommand({ repositoryName }));
  });

  async function control(path: string, body: object): Promise<void> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    expect((await fetch(`${cloud.url}/_embedded/${path}`, init)).status).toBe(200);
  }
  function clientWith(credentials: ECRClientConfig["credentials"], more: ECRClientConfig = {}): ECRClient {
    const client = new ECRClient({
      endpoint: cloud.url,
      region: "us-east-1",
      maxAttempts: 1,
      ...more,
      ...(credentials && { credentials }),
    });
    clients.push(client);
    return client;
  }
  function as(name: string): ECRClient {
    return clientWith({ accessKeyId: `AKIA${name.toUpperCase()}`, secretAccessKey: `${name}-secret` });
  }
  const setPolicy = (text: string, force?: boolean) =>
    admin.send(
      new SetRepositoryPolicyCommand({
        repositoryName,
        policyText: text,
        ...(force !== undefined && { force }),
      }),
    );
  const get = (client: ECRClient, registryId?: string) =>
    client.send(
      new BatchGetImageCommand({
        repositoryName,
        imageIds: [{ imageTag: "1" }],
        ...(registryId && { registryId }),
      }),
    );
  const denied = { name: "AccessDeniedException" };

  describe("within an account", () => {
    test("nobody may do anything that no policy allows, and the refusal says what is missing", async () => {
      await expect(get(as("nobody"))).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: `User: arn:aws:iam::${OWNER}:user/nobody is not authorized to perform: ecr:BatchGetImage on resource: ${arn} because no identity-based policy allows the ecr:BatchGetImage action`,
      });
    });

    test("a repository's policy alone is enough for a user whom it names", async () => {
      await setPolicy(policy(grant(`arn:aws:iam::${OWNER}:user/nobody`, pull)));
      await expect(get(as("nobody"))).resolves.toMatchObject({
        failures: [{ failureCode: "ImageNotFound" }],
      });
      await expect(as("nobody").send(new DescribeImagesCommand({ repositoryName }))).rejects.toMatchObject(
        denied,
      );
    });

    test("a denial in the repository's policy holds against an administrator", async () => {
      await setPolicy(policy({ Effect: "Deny", Principal: "*", Action: "ecr:BatchGetImage" }));
      await expect(get(admin)).rejects.toThrow(/with an explicit deny in a resource-based policy/);
      await expect(admin.send(new DescribeImagesCommand({ repositoryName }))).resolves.toMatchObject({
        imageDetails: [],
      });
    });

    test("a registry's policy speaks of every action: it allows and denies for all repositories", async () => {
      const nobody = `arn:aws:iam::${OWNER}:user/nobody`;
      const resources = `arn:aws:ecr:us-east-1:${OWNER}:repository/*`;
      const guard = { Effect: "Deny", Principal: "*", Action: "ecr:DeleteRepository", Resource: resources };
      await admin.send(
        new PutRegistryPolicyCommand({
          policyText: policy(grant(nobody, pull, { Resource: resources }), guard),
        }),
      );
      await expect(get(as("nobody"))).resolves.toMatchObject({ images: [] });
      await expect(admin.send(new DeleteRepositoryCommand({ repositoryName }))).rejects.toMatchObject(denied);
    });

    test("a tag of the repository and one of the user decide together", async () => {
      await admin.send(new DeleteRepositoryCommand({ repositoryName }));
      await admin.send(
        new CreateRepositoryCommand({ repositoryName, tags: [{ Key: "team", Value: "web" }] }),
      );
      await admin.send(
        new CreateRepositoryCommand({ repositoryName: "team/b", tags: [{ Key: "team", Value: "app" }] }),
      );
      await expect(get(as("tagged"))).resolves.toMatchObject({ images: [] });
      const other = new DescribeImagesCommand({ repositoryName: "team/b" });
      await expect(as("tagged").send(other)).rejects.toMatchObject(denied);
    });

    test("a permissions boundary holds what a policy gives", async () => {
      await expect(as("bounded").send(new DescribeImagesCommand({ repositoryName }))).resolves.toBeDefined();
      await expect(get(as("bounded"))).rejects.toThrow(/no permissions boundary allows/);
    });

    test("an address decides where a condition asks for it", async () => {
      await expect(get(as("local"))).resolves.toBeDefined();
      await expect(get(as("remote"))).rejects.toMatchObject(denied);
    });
  });

  describe("between accounts", () => {
    test("both sides must allow it", async () => {
      await expect(get(as("guest"), OWNER)).rejects.toThrow(/no resource-based policy allows/);
      await setPolicy(policy(grant(`arn:aws:iam::${GUEST}:root`, pull)));
      await expect(get(as("guest"), OWNER)).resolves.toMatchObject({ images: [] });
      await expect(get(as("visitor"), OWNER)).rejects.toThrow(/no identity-based policy allows/);
      const more = new DescribeImagesCommand({ repositoryName, registryId: OWNER });
      await expect(as("guest").send(more)).rejects.toMatchObject(denied);
    });

    test("a registry's policy lets another account in, too", async () => {
      const statement = grant(GUEST, pull, { Resource: arn });
      await admin.send(new PutRegistryPolicyCommand({ policyText: policy(statement) }));
      await expect(get(as("guest"), OWNER)).resolves.toMatchObject({ images: [] });
    });

    test("the same holds under /v2, with a token of the guest's own", async () => {
      const { authorizationData } = await as("guest").send(new GetAuthorizationTokenCommand({}));
      const authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
      const ask = async () => {
        const { port } = new URL(cloud.url);
        const url = `http://${OWNER}.dkr.ecr.us-east-1.localhost:${port}/v2/${repositoryName}/tags/list`;
        return (await fetchVia(cloud.url, url, authorization)).status;
      };
      expect(await ask()).toBe(403);
      await setPolicy(policy(grant(GUEST, "ecr:ListImages")));
      expect(await ask()).toBe(200);
    });
  });

  describe("a policy that is set", () => {
    const lockOut = policy({ Effect: "Deny", Principal: "*", Action: "ecr:*" });

    test("may lock its setter out only by force", async () => {
      await expect(setPolicy(lockOut)).rejects.toMatchObject({
        name: "InvalidParameterException",
        message: expect.stringContaining("would prevent you from setting another policy"),
      });
      await expect(admin.send(new GetRepositoryPolicyCommand({ repositoryName }))).rejects.toThrow(
        /does not exist/,
      );
      await setPolicy(lockOut, true);
      await expect(setPolicy(policy(grant(OWNER, "ecr:*")), true)).rejects.toMatchObject(denied);
    });

    test("needs no force where the setter's own policy still lets him, or another one locks nobody out", async () => {
      await setPolicy(policy({ Effect: "Deny", Principal: "*", Action: pull }));
      const own = {
        Effect: "Deny",
        Principal: { AWS: `arn:aws:iam::${OWNER}:user/nobody` },
        Action: "ecr:*",
      };
      await setPolicy(policy(own));
    });

    test("is asked for what holds after it: who may set only by the old policy is locked out by a new one", async () => {
      const nobody = `arn:aws:iam::${OWNER}:user/nobody`;
      await setPolicy(policy(grant(nobody, "ecr:SetRepositoryPolicy")));
      const set = (text: string, force?: boolean) =>
        as("nobody").send(
          new SetRepositoryPolicyCommand({ repositoryName, policyText: text, ...(force && { force }) }),
        );
      await expect(set(policy(grant(nobody, pull)))).rejects.toMatchObject({
        name: "InvalidParameterException",
      });
      await set(policy(grant(nobody, ["ecr:SetRepositoryPolicy", ...pull])));
      await set(policy(grant(nobody, pull)), true);
      await expect(set(policy(grant(nobody, pull)))).rejects.toMatchObject(denied);
    });

    test("that would be refused is no refusal of anybody's call", async () => {
      await expect(setPolicy(lockOut)).rejects.toThrow();
      const { denials } = (await (await fetch(`${cloud.url}/_embedded/denials`)).json()) as {
        denials: unknown[];
      };
      expect(denials).toEqual([]);
    });

    test.each([
      ["a wildcard in an ARN", grant(`arn:aws:iam::${OWNER}:*`, pull), "Principal not found"],
      ["no ARN at all", grant("everybody", pull), "Principal not found"],
      ["a role that is not there", grant(`arn:aws:iam::${GUEST}:role/gone`, pull), "Principal not found"],
      ["a user that is not there", grant(`arn:aws:iam::${OWNER}:user/gone`, pull), "Principal not found"],
      [
        "an operator that IAM does not know",
        grant("*", pull, { Condition: { StringMatches: { a: "b" } } }),
        "StringMatches",
      ],
      ["no principal", { Effect: "Allow", Action: pull }, "Principal"],
    ])("is refused with %s", async (_name, statement, text) => {
      await expect(setPolicy(policy(statement))).rejects.toMatchObject({
        name: "InvalidParameterException",
        message: expect.stringMatching(
          new RegExp(`Invalid parameter at 'PolicyText'.*Invalid repository policy provided.*${text}`),
        ),
      });
    });

    test.each([
      "*",
      OWNER,
      `arn:aws:iam::${GUEST}:root`,
      // Who there is in an account of somebody else's is not known here.
      "arn:aws:iam::999900001111:role/path/ci",
      "AIDACKCEVSQ6C2EXAMPLE",
    ])("may name %s", async (name) => {
      await setPolicy(policy(grant(name, pull)));
    });

    test("may name a role from when it is made", async () => {
      const ofRole = policy(grant(`arn:aws:iam::${GUEST}:role/path/ci`, pull));
      await expect(setPolicy(ofRole)).rejects.toThrow("Principal not found");
      const trust = { Effect: "Allow", Principal: { AWS: GUEST }, Action: "sts:AssumeRole" };
      const iam = new IAMClient({
        endpoint: cloud.url,
        region: "us-east-1",
        credentials: { accessKeyId: "test2", secretAccessKey: "test2" },
      });
      await iam.send(
        new CreateRoleCommand({
          Path: "/path/",
          RoleName: "ci",
          AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
        }),
      );
      iam.destroy();
      await setPolicy(ofRole);
    });
  });

  describe("a session", () => {
    async function assume(more: { Policy?: string; DurationSeconds?: number } = {}) {
      const sts = new STSClient({
        endpoint: cloud.url,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      const RoleArn = `arn:aws:iam::${OWNER}:role/reader`;
      const { Credentials: given } = await sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: "one", ...more }),
      );
      sts.destroy();
      return {
        accessKeyId: String(given?.AccessKeyId),
        secretAccessKey: String(given?.SecretAccessKey),
        sessionToken: String(given?.SessionToken),
      };
    }
    const advance = (duration: string) => control("clock", { advance: duration });

    test("may do what its role may, and no more than its session policy", async () => {
      await expect(get(clientWith(await assume()))).resolves.toBeDefined();
      const narrowed = clientWith(await assume({ Policy: policy(allow("ecr:DescribeImages")) }));
      await expect(narrowed.send(new DescribeImagesCommand({ repositoryName }))).resolves.toBeDefined();
      await expect(get(narrowed)).rejects.toThrow(/no session policy allows/);
      const forbidden = clientWith(await assume({ Policy: policy(allow("ecr:*"), deny(pull)) }));
      await expect(get(forbidden)).rejects.toThrow(/explicit deny in a session policy/);
    });

    test("ends when its time is over, by the cloud's clock", async () => {
      const client = clientWith(await assume({ DurationSeconds: 900 }));
      await advance("PT14M");
      await expect(get(client)).resolves.toBeDefined();
      await advance("PT2M");
      await expect(get(client)).rejects.toMatchObject({
        name: "ExpiredTokenException",
        message: "The security token included in the request is expired",
      });
    });

    test.each([
      ["without its token", { sessionToken: undefined }, "UnrecognizedClientException"],
      ["with another token", { sessionToken: "AAAA.BBBB" }, "UnrecognizedClientException"],
      ["with another secret", { secretAccessKey: "other" }, "InvalidSignatureException"],
    ])("is nobody's %s", async (_name, change, name) => {
      const { sessionToken, ...key } = { ...(await assume()), ...change };
      const client = clientWith({ ...key, ...(sessionToken !== undefined && { sessionToken }) });
      await expect(get(client)).rejects.toMatchObject({ name });
    });
  });

  test("a clock that is far off is told, and the SDK corrects itself by the answer", async () => {
    const client = clientWith(
      { accessKeyId: "test", secretAccessKey: "test" },
      { systemClockOffset: 3_600_000 },
    );
    await expect(client.send(new DescribeRepositoriesCommand({}))).rejects.toMatchObject({
      name: "InvalidSignatureException",
      message: expect.stringMatching(/^Signature not yet current/),
    });
    await expect(client.send(new DescribeRepositoriesCommand({}))).resolves.toBeDefined();
  });
});

/** `*.localhost` need not resolve: the connection goes to the cloud, the Host header says which registry is meant. */
async function fetchVia(
  base: string,
  url: string,
  authorization: string,
): Promise<{ readonly status: number }> {
  const { request } = await import("node:http");
  const { pathname, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = { Host: host, Authorization: authorization };
    const sent = request(new URL(pathname, base), { headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0 }));
    });
    sent.on("error", reject);
    sent.end();
  });
}
