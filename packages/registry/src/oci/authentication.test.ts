import { connect } from "node:net";
import type { AuthorizationRequest } from "@tallyman/domain/iam-policy/authorize";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, errorCode } from "../testing/http-client.ts";
import { anImage } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;
let client: RegistryClient;
const asked: AuthorizationRequest[] = [];
let refused = new Set<string>();

beforeAll(async () => {
  server = await startRegistryServer({
    authorize(request) {
      asked.push(request);
      const message = `User: ${request.caller.arn} is not authorized to perform: ${request.action}`;
      return refused.has(request.action)
        ? { allowed: false, explicitDeny: false, message }
        : { allowed: true };
    },
  });
  client = clientOf(server);
  await client.api("CreateRepository", { repositoryName: "team/app" });
});
beforeEach(() => {
  refused = new Set();
  asked.length = 0;
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const base = { method: "GET", path: "/v2/" };
const tags = { method: "GET", path: "/v2/team/app/tags/list" };

describe("credentials", () => {
  test.each([
    ["none", undefined],
    ["a bearer token", "Bearer abc"],
    ["another user", `Basic ${Buffer.from("bob:secret").toString("base64")}`],
    ["a wrong password", `Basic ${Buffer.from("AWS:secret").toString("base64")}`],
    ["no base64", "Basic ???"],
  ])("%s are challenged as ECR does, in plain text", async (_, authorization) => {
    const headers: Record<string, string> = { Host: "111122223333.dkr.ecr.us-east-1.localhost" };
    if (authorization !== undefined) headers["Authorization"] = authorization;
    const answer = await ask(server.url, { ...base, headers });
    expect(answer.status).toBe(401);
    expect(answer.text).toBe("Not Authorized\n");
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "docker-distribution-api-version": "registry/2.0",
      "www-authenticate":
        'Basic realm="https://111122223333.dkr.ecr.us-east-1.localhost/",service="ecr.amazonaws.com"',
    });
  });

  test("that are right open the base", async () => {
    expect((await client.v2(base)).status).toBe(200);
  });

  test("that have expired are denied without a challenge", async () => {
    const headers = { Authorization: await client.login() };
    const before = server.clock.now;
    server.clock.now = new Date(before.getTime() + 12 * 60 * 60 * 1000);
    const answer = await ask(server.url, { ...base, headers });
    server.clock.now = before;
    expect([answer.status, errorCode(answer)]).toEqual([403, "DENIED"]);
    expect(answer.text).toContain("Your authorization token has expired. Reauthenticate and try again.");
    expect(answer.headers["www-authenticate"]).toBeUndefined();
  });

  test("of another Region are denied", async () => {
    const headers = { Host: "111122223333.dkr.ecr.us-west-2.localhost:4510" };
    const answer = await client.v2({ ...base, headers });
    expect([answer.status, errorCode(answer)]).toEqual([403, "DENIED"]);
    expect(answer.text).toContain("us-west-2");
  });
});

describe("which registry is asked", () => {
  test("the token's own, when the host names none", async () => {
    await client.v2(tags);
    expect(asked.at(-1)?.resource).toBe("arn:aws:ecr:us-east-1:111122223333:repository/team/app");
  });

  test("the one that the host names, also another account's, as the token's principal", async () => {
    const headers = { Host: "444455556666.dkr.ecr.us-east-1.localhost:4510" };
    const answer = await client.v2({ ...tags, headers });
    expect(errorCode(answer)).toBe("NAME_UNKNOWN");
    expect(asked.at(-1)).toMatchObject({
      caller: ADMIN,
      resource: "arn:aws:ecr:us-east-1:444455556666:repository/team/app",
      resourceAccount: "444455556666",
    });
  });

  test("the principal of the token is whole: session policies travel in it", async () => {
    const caller = {
      account: "111122223333",
      arn: "arn:aws:sts::111122223333:assumed-role/r/s",
      sessionPolicies: ["{}"],
    };
    await clientOf(server, { caller }).v2(tags);
    expect(asked.at(-1)?.caller).toEqual(caller);
  });
});

describe("permissions", () => {
  test("a push asks for the actions of a push, and nothing else", async () => {
    await client.push("team/app", anImage(), "1.0");
    const actions = new Set(asked.map((request) => request.action));
    actions.delete("ecr:GetAuthorizationToken");
    expect([...actions].toSorted()).toEqual([
      "ecr:CompleteLayerUpload",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]);
  });

  const digest = `sha256:${"0".repeat(64)}`;
  test.each([
    ["GET", "manifests/1.0", "ecr:BatchGetImage"],
    ["HEAD", "manifests/1.0", "ecr:BatchGetImage"],
    ["PUT", "manifests/1.0", "ecr:PutImage"],
    ["DELETE", "manifests/1.0", "ecr:BatchDeleteImage"],
    ["GET", `blobs/${digest}`, "ecr:GetDownloadUrlForLayer"],
    ["HEAD", `blobs/${digest}`, "ecr:BatchCheckLayerAvailability"],
    ["POST", "blobs/uploads/", "ecr:InitiateLayerUpload"],
    ["PATCH", "blobs/uploads/7", "ecr:UploadLayerPart"],
    ["PUT", "blobs/uploads/7", "ecr:CompleteLayerUpload"],
    ["GET", "blobs/uploads/7", "ecr:UploadLayerPart"],
    ["DELETE", "blobs/uploads/7", "ecr:UploadLayerPart"],
    ["GET", "tags/list", "ecr:ListImages"],
    ["GET", `referrers/${digest}`, "ecr:BatchGetImage"],
  ])("%s %s needs %s", async (method, path, action) => {
    const headers = { Authorization: await client.login() };
    refused = new Set([action]);
    const answer = await client.v2({ method, path: `/v2/team/app/${path}`, headers });
    expect(answer.status).toBe(403);
    if (method === "HEAD") return;
    expect(errorCode(answer)).toBe("DENIED");
    expect(answer.text).toContain(`is not authorized to perform: ${action}`);
  });

  test("are decided with the repository's and the registry's policy at hand", async () => {
    const policy = (sid: string) => ({
      Version: "2012-10-17",
      Statement: [{ Sid: sid, Effect: "Allow", Principal: "*", Action: "ecr:ListImages" }],
    });
    const text = (sid: string) => JSON.stringify(policy(sid));
    await client.api("SetRepositoryPolicy", { repositoryName: "team/app", policyText: text("repository") });
    await client.api("PutRegistryPolicy", { policyText: text("registry") });
    await client.v2(tags);
    expect(asked.at(-1)?.resourcePolicies).toEqual([policy("repository"), policy("registry")]);
  });

  test("are asked for before a repository's existence is told", async () => {
    const headers = { Authorization: await client.login() };
    refused = new Set(["ecr:ListImages"]);
    const answer = await client.v2({ method: "GET", path: "/v2/no/such/tags/list", headers });
    expect(errorCode(answer)).toBe("DENIED");
  });

  test("the login itself can be refused", async () => {
    refused = new Set(["ecr:GetAuthorizationToken"]);
    const { status, body } = await client.api("GetAuthorizationToken");
    expect([status, body["__type"]]).toEqual([400, "AccessDeniedException"]);
    expect(asked.at(-1)?.resource).toBe("*");
  });
});

describe("hostile input", () => {
  const ten = Buffer.alloc(10 * 1024 * 1024, " ");
  const put = { method: "PUT", path: "/v2/team/app/manifests/big", body: ten };

  test.each([
    ["announced", {}],
    ["of unknown length", { "Transfer-Encoding": "chunked" }],
  ])("a manifest of 10 MB, %s, is refused as too large", async (_, headers) => {
    const answer = await client.v2({ ...put, headers });
    expect([answer.status, errorCode(answer)]).toEqual([413, "SIZE_INVALID"]);
    expect(answer.text).toContain("Member must have length less than or equal to 4194304");
    expect((await client.v2(base)).status).toBe(200);
  });

  test("a path that climbs is refused as a name", async () => {
    for (const path of ["/v2/../../../etc/passwd/tags/list", "/v2/%2e%2e%2fetc/tags/list"]) {
      const answer = await client.v2({ method: "GET", path });
      expect([answer.status, errorCode(answer)]).toEqual([405, "UNSUPPORTED"]);
      expect(answer.text).toContain("'repositoryName'");
    }
  });

  test("broken JSON, a wrong type, a bad tag are refused each in its way", async () => {
    const manifest = (body: string, tag = "x", type = "application/vnd.oci.image.manifest.v1+json") =>
      client.v2({
        method: "PUT",
        path: `/v2/team/app/manifests/${tag}`,
        body: Buffer.from(body),
        headers: { "Content-Type": type },
      });
    expect((await manifest("{")).text).toContain("'Invalid JSON syntax'");
    expect(errorCode(await manifest("{}", "x", "text/html"))).toBe("UNSUPPORTED");
    expect(errorCode(await manifest("{}", "-x"))).toBe("TAG_INVALID");
    expect(errorCode(await manifest("{}", "sha256:x"))).toBe("DIGEST_INVALID");
  });

  test("a manifest under another digest than its own is refused", async () => {
    const image = anImage(["a"]);
    await client.push("team/app", image, "1.0");
    const answer = await client.push("team/app", image, `sha256:${"0".repeat(64)}`);
    expect([answer.status, errorCode(answer)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("a client that hangs up at any point takes nobody with it", async () => {
    const authorization = await client.login();
    const head = `PUT /v2/team/app/manifests/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\n`;
    for (const text of ["GET /v2/", head, `${head}Content-Length: 900\r\n\r\n{"schema`]) {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
      await new Promise<void>((resolve) => socket.write(text, () => resolve()));
      socket.destroy();
    }
    expect((await client.v2(base)).status).toBe(200);
    expect(errorCode(await client.v2({ method: "GET", path: "/v2/team/app/manifests/x" }))).toBe(
      "MANIFEST_UNKNOWN",
    );
  });
});
