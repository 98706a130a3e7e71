import { expect, test } from "vitest";
import { checkImageName, couldBeRepository, readImageName } from "./image-name.ts";
import type { Looked } from "./looked.ts";

const own = { account: "111122223333", region: "us-east-1" };
const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const DIGEST = `sha256:${"0f".repeat(32)}`;

function opinion(image: string, ownRepository: Looked<boolean> = { seen: false }) {
  return checkImageName(image, readImageName(image, own), ownRepository);
}

test.each([
  [`${HOST}/prod/web:1.4.2`, "ok"],
  [`${HOST}/prod/web@${DIGEST}`, "ok"],
  [`${HOST}/prod/web:1.4.2@${DIGEST}`, "ok"],
  ["444455556666.dkr-ecr-fips.us-gov-west-1.on.aws/prod/web:1", "ok"],
  ["444455556666.dkr.ecr.cn-north-1.amazonaws.com.cn/prod/web:1", "ok"],
  ["444455556666.dkr.ecr.eusc-de-east-1.amazonaws.eu/prod/web:1", "ok"],
  ["111122223333.dkr.ecr.us-east-1.localhost:4510/prod/web:1", "ok"],
  ["127.0.0.1:4510/prod/web:1", "ok"],
  ["localhost:4510/prod/web:1", "ok"],
  [`${HOST}/prod/web`, "warning"],
  ["nginx", "warning"],
  ["nginx:1.27", "warning"],
  ["prod/web:1.4.2", "warning"],
  ["docker.io/library/nginx:1.27", "ok"],
  ["public.ecr.aws/docker/library/nginx:1.27", "ok"],
  ["ghcr.io/example/web:1", "ok"],
  ["registry.example.com:5000/web:1", "ok"],
  ["ecr.example.com/web:1", "ok"],
  [`${HOST}/Prod/Web:1`, "problem"],
  [`${HOST}/prod/web:`, "problem"],
  [`${HOST}/prod/web@sha256:12`, "problem"],
  [`${HOST}/prod/web:\${TAG}`, "problem"],
  [`https://${HOST}/prod/web:1`, "problem"],
  ["11112222333.dkr.ecr.us-east-1.amazonaws.com/prod/web:1", "problem"],
  ["111122223333.dkr.ecr.amazonaws.com/prod/web:1", "problem"],
  ["111122223333.dkr.ecr.us-east-1.amazonaws.co/prod/web:1", "problem"],
  ["api.ecr.us-east-1.amazonaws.com/prod/web:1", "problem"],
  ["ecr.us-east-1.api.aws/prod/web:1", "problem"],
  ["127.0.0.1:4510/Web:1", "problem"],
])("%s is %s", (image, verdict) => {
  expect(opinion(image).verdict).toBe(verdict);
});

test("a short name that is called like a repository of the account was meant to be of it", () => {
  expect(opinion("prod/web:1.4.2", { seen: true })).toMatchObject({
    verdict: "problem",
    reason: expect.stringMatching(/Docker Hub, not from the repository prod\/web/),
  });
});

test("whether a short name is a repository's is unknown to whoever may not look", () => {
  const unseen = { action: "ecr:DescribeRepositories", reason: "refused", refused: true };
  expect(opinion("web", { unseen })).toMatchObject({
    verdict: "unknown",
    remedy: expect.stringContaining("ecr:DescribeRepositories"),
  });
});

test("what a name leads to", () => {
  expect(readImageName("localhost:4510/prod/web:1", own)).toEqual({
    is: "ecr",
    uri: { registry: own, repository: "prod/web", tag: "1" },
    implicitTag: false,
  });
  expect(readImageName(`${HOST}/prod/web`, own)).toMatchObject({ uri: { tag: "latest" }, implicitTag: true });
  expect(readImageName("prod/web:1@x", own)).toEqual({ is: "short", repository: "prod/web" });
  expect(readImageName("ghcr.io/a/b", own)).toEqual({ is: "elsewhere", host: "ghcr.io" });
});

test("what can be no repository's name is not asked for", () => {
  expect(couldBeRepository("prod/web")).toBe(true);
  expect(couldBeRepository("Prod/web")).toBe(false);
});
