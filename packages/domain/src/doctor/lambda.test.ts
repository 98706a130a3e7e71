import { describe, expect, test } from "vitest";
import type { FunctionFacts, Place } from "./facts.ts";
import { checkAccountMayPull, checkLambdaMayPull } from "./lambda-access.ts";
import { checkFunctionState, checkLambdaRegion, checkNoIndex, checkResolved } from "./lambda-image.ts";

const place: Place = { account: "111122223333", region: "us-east-1", partition: "aws" };
const DIGEST = `sha256:${"0f".repeat(32)}`;
const uri = {
  registry: { account: "111122223333", region: "us-east-1" },
  repository: "prod/resize",
  tag: "1",
};
const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const image = { digest: DIGEST, tags: ["1"], status: "ACTIVE" } as const;
const fn: FunctionFacts = {
  name: "resize",
  version: "$LATEST",
  arn: "arn:aws:lambda:us-east-1:111122223333:function:resize",
  role: "arn:aws:iam::111122223333:role/resize",
  image: `${HOST}/prod/resize:1`,
};

describe("the image of a function", () => {
  test.each([
    ["us-east-1", `${HOST}/prod/resize:1`, "ok"],
    ["us-west-2", "111122223333.dkr.ecr.us-west-2.amazonaws.com/prod/resize:1", "problem"],
    ["us-east-1", "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/prod/resize:1", "problem"],
  ])("in %s, named %s: %s", (region, name, verdict) => {
    const named = { ...uri, registry: { ...uri.registry, region } };
    expect(checkLambdaRegion(named, name, place).verdict).toBe(verdict);
  });

  test.each([
    ["application/vnd.oci.image.manifest.v1+json", "ok"],
    ["application/vnd.docker.distribution.manifest.v2+json", "ok"],
    ["application/vnd.oci.image.index.v1+json", "problem"],
    ["application/vnd.docker.distribution.manifest.list.v2+json", "problem"],
    [undefined, "unknown"],
  ])("of media type %s is %s", (mediaType, verdict) => {
    expect(checkNoIndex(uri, { ...image, ...(mediaType && { mediaType }) }).verdict).toBe(verdict);
  });

  test("that has moved on is not what runs", () => {
    expect(checkResolved(uri, DIGEST, image).verdict).toBe("ok");
    expect(checkResolved(uri, `sha256:${"1".repeat(64)}`, image).verdict).toBe("warning");
  });

  test("that Lambda complains about is a problem", () => {
    expect(checkFunctionState(fn).verdict).toBe("ok");
    expect(checkFunctionState({ ...fn, trouble: "ImageDeleted" })).toMatchObject({
      verdict: "problem",
      reason: "Lambda reports: ImageDeleted",
    });
  });
});

describe("whom the repository lets in", () => {
  const repository = { account: "111122223333", region: "us-east-1", repository: "prod/resize" };
  const foreign = { ...repository, account: "444455556666" };
  const actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
  const lambda = (Condition?: object, Action: readonly string[] = actions) => ({
    Effect: "Allow",
    Principal: { Service: "lambda.amazonaws.com" },
    Action,
    ...(Condition && { Condition }),
  });
  const account = (AWS: string) => ({ Effect: "Allow", Principal: { AWS }, Action: actions });
  const says = (...Statement: readonly object[]) => ({
    seen: JSON.stringify({ Version: "2012-10-17", Statement }),
  });
  const of = (arn: string) => ({ StringLike: { "aws:sourceArn": arn } });
  const verdicts = (opinions: readonly { readonly verdict: string }[]) =>
    opinions.map(({ verdict }) => verdict);

  test.each<[string, object[], string[], string[]]>([
    ["nobody", [], ["warning", "warning"], ["problem", "problem"]],
    ["Lambda", [lambda()], ["ok", "ok"], ["ok", "ok"]],
    ["Lambda for half of it", [lambda(undefined, actions.slice(1))], ["warning", "ok"], ["problem", "ok"]],
    [
      "Lambda for functions of the account",
      [lambda(of("arn:aws:lambda:us-east-1:111122223333:function:*"))],
      ["ok", "ok"],
      ["ok", "ok"],
    ],
    [
      "Lambda for functions of another account",
      [lambda(of("arn:aws:lambda:us-east-1:999999999999:function:*"))],
      ["warning", "warning"],
      ["problem", "problem"],
    ],
    [
      "Lambda, and denies it",
      [lambda(), { ...lambda(), Effect: "Deny" }],
      ["problem", "problem"],
      ["problem", "problem"],
    ],
  ])("when it lets in %s", (_, statements, own, other) => {
    const policy = says(...statements);
    expect(verdicts(checkLambdaMayPull(fn, { repository, policy }, place))).toEqual(own);
    expect(verdicts(checkLambdaMayPull(fn, { repository: foreign, policy }, place))).toEqual(other);
  });

  test("between accounts what to add names the functions and the account", () => {
    const target = { repository: foreign, policy: { seen: undefined } };
    expect(checkLambdaMayPull(fn, target, place)[0]?.remedy).toContain(
      '"aws:sourceArn":"arn:aws:lambda:us-east-1:111122223333:function:*"',
    );
    expect(checkAccountMayPull(target, place)[0]?.remedy).toContain('"AWS":"arn:aws:iam::111122223333:root"');
  });

  test.each<[string, object[], string]>([
    ["nobody", [lambda()], "problem"],
    ["the account", [account("arn:aws:iam::111122223333:root")], "ok"],
    ["the account by its id", [account("111122223333")], "ok"],
    ["another account", [account("999999999999")], "problem"],
    ["a role of it", [account("arn:aws:iam::111122223333:role/deploy")], "warning"],
    ["everybody", [account("*")], "ok"],
  ])("between accounts, when it lets in %s", (_, statements, verdict) => {
    const policy = says(...statements);
    expect(verdicts(checkAccountMayPull({ repository: foreign, policy }, place))).toEqual([verdict, verdict]);
    expect(checkAccountMayPull({ repository, policy }, place)).toEqual([]);
  });
});
