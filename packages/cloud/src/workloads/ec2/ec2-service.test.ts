import { expect, test } from "vitest";
import type { AwsRequest } from "../../http/aws-service.ts";
import { type Ec2Options, ec2Service } from "./ec2-service.ts";

const HERE = { account: "111122223333", region: "us-east-1" };
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

function request(form: Record<string, string>): AwsRequest {
  const body = Buffer.from(new URLSearchParams(form).toString());
  const caller = { account: HERE.account, arn: "arn:aws:iam::111122223333:user/admin" };
  return { method: "POST", path: "/", query: new URLSearchParams(), headers: {}, body, caller, ...HERE };
}

async function ask(form: Record<string, string>, more: Partial<Ec2Options> = {}) {
  const service = ec2Service({
    instances: (at) =>
      at.region === HERE.region
        ? ["i-1", "i-2"].map((instanceId) => ({ instanceId, roleArn: role(`of-${instanceId}`) }))
        : [],
    profileOf: async (roleArn) => roleArn.replace(":role/", ":instance-profile/"),
    authorize: () => ({ allowed: true }),
    faults: { failure: () => undefined },
    ...more,
  });
  const { status, body } = await service.handle(request({ Version: "2016-11-15", ...form }));
  return { status, body: String(body) };
}

const ASSOCIATIONS = { Action: "DescribeIamInstanceProfileAssociations" };
const profiles = (xml: string) => [...xml.matchAll(/<arn>[^<]*\/([^<]+)<\/arn>/g)].map(([, name]) => name);

test("every instance of the Region has the profile of its role, unless others are asked for", async () => {
  expect(profiles((await ask(ASSOCIATIONS)).body)).toEqual(["of-i-1", "of-i-2"]);
  const byId = {
    ...ASSOCIATIONS,
    "Filter.1.Name": "instance-id",
    "Filter.1.Value.1": "i-2",
    "Filter.1.Value.2": "i-3",
  };
  expect(profiles((await ask(byId)).body)).toEqual(["of-i-2"]);
  const ended = { ...ASSOCIATIONS, "Filter.1.Name": "state", "Filter.1.Value.1": "disassociated" };
  expect(profiles((await ask(ended)).body)).toEqual([]);
});

test("whoever may not ask is refused as EC2 refuses, and so is what it does not offer", async () => {
  const message = "User: <x> is not authorized";
  const refused = await ask(ASSOCIATIONS, {
    authorize: () => ({ allowed: false, explicitDeny: false, message }),
  });
  expect(refused).toEqual({
    status: 403,
    body: "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>User: &lt;x&gt; is not authorized</Message></Error></Errors></Response>",
  });
  expect(await ask({ Action: "RunInstances" })).toMatchObject({
    status: 400,
    body: expect.stringContaining("InvalidAction"),
  });
});
