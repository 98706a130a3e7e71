import { expect, test } from "vitest";
import { parseRegistryHost } from "./registry-host.ts";

const ACCOUNT = "111122223333";

test.each([
  ["us-east-1.amazonaws.com", "us-east-1", "aws"],
  ["mx-central-1.amazonaws.com", "mx-central-1", "aws"],
  ["us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov"],
  ["cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"],
  ["us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "aws-iso"],
  ["us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", "aws-iso-b"],
  ["eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", "aws-iso-e"],
  ["us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1", "aws-iso-f"],
  ["eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "aws-eusc"],
  ["us-east-1.localhost", "us-east-1", "local"],
  ["us-east-1.localhost:4510", "us-east-1", "local"],
])("dkr.ecr.%s is a registry of %s in %s, and so is its FIPS host", (rest, region, partition) => {
  const registry = { account: ACCOUNT, region };
  const plain = { registry, partition, fips: false, dualStack: false };
  expect(parseRegistryHost(`${ACCOUNT}.dkr.ecr.${rest}`)).toEqual(plain);
  expect(parseRegistryHost(`${ACCOUNT}.dkr.ecr-fips.${rest}`)).toEqual({ ...plain, fips: true });
});

test.each([
  ["us-east-1.on.aws", "us-east-1", "aws"],
  ["us-gov-east-1.on.aws", "us-gov-east-1", "aws-us-gov"],
  ["cn-northwest-1.on.amazonwebservices.com.cn", "cn-northwest-1", "aws-cn"],
])("dkr-ecr.%s is a dual-stack host", (rest, region, partition) => {
  const dual = { registry: { account: ACCOUNT, region }, partition, fips: false, dualStack: true };
  expect(parseRegistryHost(`${ACCOUNT}.dkr-ecr.${rest}`)).toEqual(dual);
  expect(parseRegistryHost(`${ACCOUNT}.dkr-ecr-fips.${rest}`)).toEqual({ ...dual, fips: true });
});

test("host names know no case, and port 443 goes without saying", () => {
  const expected = parseRegistryHost(`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`);
  expect(expected).toBeDefined();
  expect(parseRegistryHost(`${ACCOUNT}.DKR.ecr.us-east-1.AmazonAWS.com`)).toEqual(expected);
  expect(parseRegistryHost(`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com:443`)).toEqual(expected);
});

test.each([
  "",
  "docker.io",
  "public.ecr.aws",
  "localhost:4510",
  "11112222333.dkr.ecr.us-east-1.amazonaws.com",
  "1111222233334.dkr.ecr.us-east-1.amazonaws.com",
  "x111122223333.dkr.ecr.us-east-1.amazonaws.com",
  "111122223333.dkr.ecr.us-east-1.amazonaws.com.example.org",
  "111122223333.dkr.ecr.us-east-1.amazonaws.com:8443",
  "111122223333.dkr.ecr.us-east-1.amazonaws.org",
  "111122223333.dkr.ecr.us-east-1.constructor",
  "111122223333.dkr.ecr.us-east-1.localhost:",
  "111122223333.dkr.ecr.us-east-1.localhost:123456",
  "111122223333.dkr.ecr.nowhere.amazonaws.com",
  "111122223333.dkr.ecr.us_east_1.amazonaws.com",
  "111122223333.dkr.ecr..amazonaws.com",
  "111122223333.dkr_ecr.us-east-1.amazonaws.com",
  "111122223333.ecr.us-east-1.amazonaws.com",
  "api.ecr.us-east-1.amazonaws.com",
  "https://111122223333.dkr.ecr.us-east-1.amazonaws.com",
])("%j is no host of a private registry", (host) => {
  expect(parseRegistryHost(host)).toBeUndefined();
});
