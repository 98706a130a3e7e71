import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { assumeRole, RoleNotAssumedError } from "./assume-role.ts";

const REQUEST = {
  roleArn: "arn:aws:iam::444455556666:role/tallyman-reader",
  sessionName: "tallyman-image-action",
  externalId: "an external id & more",
};

const GRANTED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
  <AssumedRoleUser><Arn>arn:aws:sts::444455556666:assumed-role/tallyman-reader/x</Arn></AssumedRoleUser>
  <Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s/e+c=</SecretAccessKey>
  <SessionToken>t/o+k=</SessionToken><Expiration>2026-11-16T02:54:34Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`;
const REFUSED =
  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

type Answer = { readonly status: number; readonly body: string };
type Heard = { readonly headers: IncomingMessage["headers"]; readonly form: Record<string, string> };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An STS that gives these answers in turn, the last one for ever. */
async function sts(...answers: readonly Answer[]) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    heard.push({
      headers: request.headers,
      form: Object.fromEntries(new URLSearchParams(await text(request))),
    });
    const answer = answers[Math.min(heard.length, answers.length) - 1] ?? { status: 500, body: "" };
    response.writeHead(answer.status, { "content-type": "text/xml" }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    heard,
    location: {
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${address.port}/`,
      credentials: async () => ({ accessKeyId: "AKIA", secretAccessKey: "secret", sessionToken: "own" }),
    },
  };
}

test("a role is assumed with the external id, in a signed request", async () => {
  const { location, heard } = await sts({ status: 200, body: GRANTED });
  expect(await assumeRole(location, REQUEST)).toEqual({
    accessKeyId: "ASIA1",
    secretAccessKey: "s/e+c=",
    sessionToken: "t/o+k=",
    expiration: new Date("2026-11-16T02:54:34Z"),
  });
  expect(heard).toHaveLength(1);
  expect(heard[0]?.form).toEqual({
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: REQUEST.roleArn,
    RoleSessionName: REQUEST.sessionName,
    ExternalId: REQUEST.externalId,
  });
  expect(heard[0]?.headers).toMatchObject({
    authorization: expect.stringMatching(/Credential=AKIA\/\d{8}\/us-east-1\/sts\/aws4_request/),
    "x-amz-security-token": "own",
  });
});

test("a refusal says what STS said, and is not repeated", async () => {
  const { location, heard } = await sts({ status: 403, body: REFUSED });
  const refused = assumeRole(location, REQUEST);
  await expect(refused).rejects.toThrow(RoleNotAssumedError);
  await expect(refused).rejects.toThrow(/tallyman-reader was not assumed: 403 AccessDenied/);
  expect(heard).toHaveLength(1);
});

test("an STS that stumbles is asked again", async () => {
  const { location, heard } = await sts({ status: 503, body: "" }, { status: 200, body: GRANTED });
  expect(await assumeRole(location, REQUEST)).toMatchObject({ accessKeyId: "ASIA1" });
  expect(heard).toHaveLength(2);
});

test.each([
  ["nothing", ""],
  ["half of the credentials", "<AccessKeyId>ASIA1</AccessKeyId>"],
  ["no time", GRANTED.replace("2026-11-16T02:54:34Z", "soon")],
])("an answer with %s is an error, never empty credentials", async (_, body) => {
  const { location } = await sts({ status: 200, body });
  await expect(assumeRole(location, REQUEST)).rejects.toThrow(/has no credentials/);
});

test("an STS that is not there is an error that names the role", async () => {
  const { location } = await sts({ status: 200, body: GRANTED });
  for (const close of closing.splice(0)) close();
  await expect(assumeRole(location, REQUEST)).rejects.toThrow(
    /tallyman-reader was not assumed: STS did not answer/,
  );
});
