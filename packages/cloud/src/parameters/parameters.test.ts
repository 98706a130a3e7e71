import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FaultSettings } from "../faults/create-faults.ts";
import { ACCOUNT, REGION, startTestBorder, type TestBorder } from "../testing/test-border.ts";
import { createParameters, declaredParameter, type Parameters } from "./parameters.ts";

const PLACE = { account: ACCOUNT, region: REGION };
const TOKEN = declaredParameter("Token", { name: "/app/token", type: "SecureString", value: "first" }, PLACE);
const reader = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["ssm:GetParameter", "ssm:GetParameters"],
      Resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/app/token`,
    },
  ],
};

let root: string;
let border: TestBorder;
let parameters: Parameters;
let clients: SSMClient[] = [];

async function start(): Promise<void> {
  let built: Promise<Parameters> | undefined;
  border = await startTestBorder(
    (deps) => {
      const making = createParameters({ ...deps, file: join(root, "kept", "parameters.json") });
      built = making;
      return {
        services: [{ signingName: "ssm", handle: async (request) => (await making).service.handle(request) }],
      };
    },
    { reader },
  );
  if (!built) throw new Error("nothing was built");
  parameters = await built;
  await parameters.declare(TOKEN);
}

async function stop(): Promise<void> {
  for (const client of clients.splice(0)) client.destroy();
  await border.stop();
}

function ssm(principal?: string): SSMClient {
  const client = new SSMClient(border.client(principal));
  clients.push(client);
  return client;
}

const get = (Name: string, WithDecryption = true, principal?: string) =>
  ssm(principal).send(new GetParameterCommand({ Name, WithDecryption }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "parameters-"));
  clients = [];
  await start();
});
afterEach(async () => {
  await stop();
  await rm(root, { recursive: true });
});

describe("a parameter", () => {
  test("is there with the stack's value; a secret shows only when decrypted", async () => {
    expect((await get("/app/token")).Parameter).toMatchObject({
      Name: "/app/token",
      Type: "SecureString",
      Value: "first",
      Version: 1,
      ARN: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/app/token`,
      LastModifiedDate: expect.any(Date),
    });
    const sealed = (await get("/app/token", false)).Parameter?.Value;
    expect(sealed).toMatch(/^[\w+/=]{80,}$/);
    expect(Buffer.from(sealed ?? "", "base64").toString()).not.toContain("first");
  });

  test("keeps what somebody put over restarts and new declarations, until a reset", async () => {
    const put = { Name: "/app/token", Value: "second", Overwrite: true };
    expect((await ssm().send(new PutParameterCommand(put))).Version).toBe(2);
    await stop();
    await start();
    expect((await get("/app/token")).Parameter).toMatchObject({
      Value: "second",
      Version: 2,
      Type: "SecureString",
    });
    await parameters.clear();
    expect((await get("/app/token")).Parameter).toMatchObject({ Value: "first", Version: 1 });
  });

  test("is readable by its owner only on disk", async () => {
    expect((await stat(join(root, "kept", "parameters.json"))).mode & 0o777).toBe(0o600);
  });

  test("is not overwritten unless asked to, and needs a type to be created", async () => {
    const put = (input: object) =>
      ssm().send(new PutParameterCommand({ Name: "/app/token", Value: "x", ...input }));
    await expect(put({})).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
    await expect(put({ Name: "new" })).rejects.toMatchObject({ name: "ValidationException" });
    await put({ Name: "new", Type: "String" });
    expect((await get("new")).Parameter).toMatchObject({
      Value: "x",
      ARN: expect.stringMatching(/:parameter\/new$/),
    });
  });
});

test("several are answered together, the missing ones by name", async () => {
  const answer = await ssm().send(
    new GetParametersCommand({ Names: ["/app/token", "/app/none"], WithDecryption: true }),
  );
  expect(answer.Parameters).toMatchObject([{ Value: "first" }]);
  expect(answer.InvalidParameters).toEqual(["/app/none"]);
});

test("a placeholder for a Slack bot token becomes one that the local sink takes", () => {
  const read = (value: string) => declaredParameter("T", { type: "SecureString", value }, PLACE).value;
  expect(read("set-me: a Slack bot token, xoxb-...")).toBe("xoxb-embedded");
  expect(read("set-me: something else")).toBe("set-me: something else");
});

describe("refusals", () => {
  test.each([
    ["a parameter that is not there", () => get("/app/none"), "ParameterNotFound"],
    ["a name that cannot be one", () => get("/app/../token"), "ParameterNotFound"],
    [
      "another parameter than the policy names",
      () => get("/app/other", true, "reader"),
      "AccessDeniedException",
    ],
    [
      "a write by a reader",
      () => ssm("reader").send(new PutParameterCommand({ Name: "/app/token", Value: "x", Overwrite: true })),
      "AccessDeniedException",
    ],
    [
      "no value",
      () => ssm().send(new PutParameterCommand({ Name: "n", Value: "", Type: "String" })),
      "ValidationException",
    ],
  ])("%s", async (_, call, name) => {
    await expect(call()).rejects.toMatchObject({ name });
    expect((await get("/app/token", true, "reader")).Parameter?.Value).toBe("first");
  });

  test("a fault that is switched on", async () => {
    border.faults.set(FaultSettings.parse({ operations: { "ssm:GetParameter": { times: 1 } } }));
    await expect(get("/app/token")).rejects.toMatchObject({ name: "ThrottlingException" });
    await get("/app/token");
  });

  test("a file that holds something else stops the start", async () => {
    const file = join(root, "kept", "parameters.json");
    await writeFile(file, '{"half":');
    await expect(createParameters({ ...border, file })).rejects.toThrow(
      /does not hold parameters: remove it/,
    );
  });
});
