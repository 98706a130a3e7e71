import { expect, test } from "vitest";
import { registryOfHost } from "./registry-host.ts";

const registry = { account: "111122223333", region: "us-east-1" };

test.each([
  ["111122223333.dkr.ecr.us-east-1.localhost:4510", registry],
  ["111122223333.dkr.ecr.us-east-1.localhost", registry],
  ["111122223333.DKR.ECR.US-EAST-1.LOCALHOST", registry],
  ["111122223333.dkr.ecr.us-east-1.amazonaws.com", registry],
  ["111122223333.dkr-ecr.us-east-1.on.aws", registry],
  ["111122223333.dkr.ecr-fips.us-east-1.amazonaws.com", registry],
  ["111122223333.dkr-ecr-fips.us-east-1.on.aws", registry],
  ["111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", { ...registry, region: "cn-north-1" }],
  ["111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu", { ...registry, region: "eusc-de-east-1" }],
  ["111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov", { ...registry, region: "us-iso-east-1" }],
  ["111122223333.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", { ...registry, region: "us-isof-south-1" }],
  ["111122223333.dkr.ecr.us-east-1.amazonawsXcom", undefined],
  ["111122223333.dkr.ecr.us-east-1.amazonaws.com:x", undefined],
  ["127.0.0.1:4510", undefined],
  ["localhost:4510", undefined],
  ["11112222333.dkr.ecr.us-east-1.localhost", undefined],
  ["111122223333.dkr.ecr.us-east-1.localhost.evil.example", undefined],
  [undefined, undefined],
])("the Host header %s names %j", (host, expected) => {
  expect(registryOfHost(host)).toEqual(expected);
});
