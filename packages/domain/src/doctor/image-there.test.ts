import { expect, test } from "vitest";
import { checkActive, checkThere, referenceOf, shownImage } from "./image-there.ts";

const DIGEST = `sha256:${"0f".repeat(32)}`;
const uri = { registry: { account: "111122223333", region: "us-east-1" }, repository: "prod/web", tag: "1" };
const image = { digest: DIGEST, tags: ["1"], status: "ACTIVE" } as const;

test("an image that is there, is not, or could not be looked for", () => {
  const unseen = { action: "ecr:DescribeImages", reason: "AccessDeniedException", refused: true };
  expect(checkThere(uri, { seen: image }).verdict).toBe("ok");
  expect(checkThere(uri, { seen: undefined }).verdict).toBe("problem");
  expect(checkThere(uri, { seen: undefined }, { seen: true }).verdict).toBe("warning");
  expect(checkThere(uri, { seen: undefined }, { unseen }).verdict).toBe("unknown");
  expect(checkThere(uri, { seen: image }, { unseen }).verdict).toBe("ok");
  expect(checkThere(uri, { unseen })).toMatchObject({
    verdict: "unknown",
    remedy: "Allow ecr:DescribeImages to whoever runs this, and run it again.",
  });
  expect(checkThere(uri, { unseen: { ...unseen, refused: false } }).remedy).toMatch(/^Run it again/);
});

test.each([
  ["ACTIVE", "ok", undefined],
  ["ARCHIVED", "problem", /--target-storage-class STANDARD/],
  ["ACTIVATING", "problem", /Wait/],
] as const)("an image that is %s: %s", (status, verdict, remedy) => {
  const opinion = checkActive(uri, { ...image, status });
  expect(opinion.verdict).toBe(verdict);
  expect(opinion.remedy ?? "").toMatch(remedy ?? /^$/);
});

test("of a tag and a digest the digest decides", () => {
  expect(referenceOf({ ...uri, digest: DIGEST })).toEqual({ digest: DIGEST });
  expect(referenceOf(uri)).toEqual({ tag: "1" });
  expect(shownImage({ ...uri, digest: DIGEST })).toBe(`prod/web@${DIGEST}`);
  expect(shownImage(uri)).toBe("prod/web:1");
});
