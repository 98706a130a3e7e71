import fc from "fast-check";
import { expect, test } from "vitest";
import { parseImageUri } from "./image-uri.ts";

const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const DIGEST = `sha256:${"0f".repeat(32)}`;
const WEB = { registry: { account: "111122223333", region: "us-east-1" }, repository: "prod/web" };

test.each([
  ["a tag", ":1.4.2", { tag: "1.4.2" }],
  ["a digest", `@${DIGEST}`, { digest: DIGEST }],
  ["both", `:1.4.2@${DIGEST}`, { tag: "1.4.2", digest: DIGEST }],
  ["neither, which means latest", "", { tag: "latest" }],
])("a name with %s is read", (_, rest, expected) => {
  expect(parseImageUri(`${HOST}/prod/web${rest}`)).toEqual({ ...WEB, ...expected });
});

test.each([
  ["a name without a registry", "web:1.4.2"],
  ["a repository without a registry", "prod/web:1.4.2"],
  ["another registry", "docker.io/library/nginx:1.27"],
  ["ECR Public", "public.ecr.aws/docker/library/nginx:1.27"],
  ["a scheme", `https://${HOST}/prod/web:1.4.2`],
  ["a host alone", HOST],
  ["no repository", `${HOST}/`],
  ["no repository but a tag", `${HOST}/:1.4.2`],
  ["a repository of one letter", `${HOST}/w`],
  ["capital letters", `${HOST}/Prod/web`],
  ["an empty part", `${HOST}/prod//web`],
  ["an empty tag", `${HOST}/prod/web:`],
  ["two tags", `${HOST}/prod/web:1:2`],
  ["a tag that begins with a hyphen", `${HOST}/prod/web:-1`],
  ["a tag of 129 characters", `${HOST}/prod/web:${"1".repeat(129)}`],
  ["an empty digest", `${HOST}/prod/web@`],
  ["half a digest", `${HOST}/prod/web@${DIGEST.slice(0, 40)}`],
  ["another algorithm", `${HOST}/prod/web@sha512:${"0f".repeat(64)}`],
  ["two digests", `${HOST}/prod/web@${DIGEST}@${DIGEST}`],
  ["a tag behind the digest", `${HOST}/prod/web@${DIGEST}:1`],
  ["a space", `${HOST}/prod/web:1.4.2 `],
  ["a line break", `${HOST}/prod/web:1.4.2\n`],
  ["a variable that nobody filled in", `${HOST}/prod/web:\${TAG}`],
])("%s is no image of a private registry", (_, text) => {
  expect(parseImageUri(text)).toBeUndefined();
});

const part = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
const repository = fc
  .array(part, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"))
  .filter((name) => name.length >= 2);
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
const digest = fc.stringMatching(/^sha256:[a-f0-9]{64}$/);
const host = fc
  .tuple(
    fc.stringMatching(/^[0-9]{12}$/),
    fc.constantFrom("dkr.ecr", "dkr.ecr-fips", "dkr-ecr", "dkr-ecr-fips"),
    fc.constantFrom("us-east-1", "us-gov-west-1", "ap-southeast-5", "eusc-de-east-1"),
    fc.constantFrom("amazonaws.com", "on.aws", "amazonaws.eu", "localhost:4510"),
  )
  .map(([account, service, region, suffix]) => ({
    text: `${account}.${service}.${region}.${suffix}`,
    registry: { account, region },
  }));

test("whatever is put together is taken apart into the same pieces", () => {
  fc.assert(
    fc.property(host, repository, fc.option(tag), fc.option(digest), (at, name, tagged, pinned) => {
      const text = `${at.text}/${name}${tagged === null ? "" : `:${tagged}`}${pinned === null ? "" : `@${pinned}`}`;
      expect(parseImageUri(text)).toEqual({
        registry: at.registry,
        repository: name,
        ...(tagged !== null && { tag: tagged }),
        ...(pinned !== null && { digest: pinned }),
        ...(tagged === null && pinned === null && { tag: "latest" }),
      });
    }),
  );
});

test("one character too many, too few or another one never makes it an image of another registry", () => {
  const whole = `${HOST}/prod/web:1.4.2`;
  const place = fc.nat(whole.length);
  fc.assert(
    fc.property(place, fc.string({ maxLength: 1 }), fc.nat(1), (at, put, drop) => {
      const read = parseImageUri(`${whole.slice(0, at)}${put}${whole.slice(at + drop)}`);
      if (at > HOST.length) expect(read?.registry ?? WEB.registry).toEqual(WEB.registry);
      if (read !== undefined) expect(read.registry.account).toMatch(/^\d{12}$/);
    }),
  );
});

test.each([
  ["dots", (n: number) => `${HOST}/${"a.".repeat(n)}!`],
  ["hyphens", (n: number) => `${HOST}/a${"-".repeat(n)}!`],
  ["underscores", (n: number) => `${HOST}/${"a__".repeat(n)}!`],
  ["slashes", (n: number) => `${HOST}/${"a/".repeat(n)}!`],
  ["Regions", (n: number) => `111122223333.dkr.ecr.${"us-".repeat(n)}1.amazonaws.com/web`],
  ["at signs", (n: number) => `${HOST}/web${"@sha256:".repeat(n)}`],
])("a million %s are refused at once", (_, text) => {
  const hostile = text(1_000_000);
  const start = performance.now();
  for (let round = 0; round < 20; round += 1) expect(parseImageUri(hostile)).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(2_000);
});

test.each([
  ["dots", `${HOST}/${"a.".repeat(450)}!`],
  ["hyphens", `${HOST}/a${"-".repeat(900)}!`],
  ["slashes", `${HOST}/${"a/".repeat(450)}!`],
  ["tags", `${HOST}/web:${"a".repeat(900)}!`],
])("and the longest names of %s that are looked at cost little", (_, hostile) => {
  const start = performance.now();
  for (let round = 0; round < 1_000; round += 1) expect(parseImageUri(hostile)).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(5_000);
});
