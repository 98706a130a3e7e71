import { describe, expect, it } from "vitest";
import { matchesArn } from "./arn-pattern.ts";
import { tokenize } from "./wildcard.ts";

describe("matchesArn", () => {
  it.each([
    ["*", "arn:aws:sqs:us-east-1:111122223333:Queue", true],
    ["*", "*", true],
    ["arn:aws:sqs:us-east-1:111122223333:*", "arn:aws:sqs:us-east-1:111122223333:Queue", true],
    ["arn:aws:sqs:*:111122223333:Queue", "arn:aws:sqs:us-east-1:111122223333:Queue", true],
    ["arn:aws:sqs:us-east-?:111122223333:Queue", "arn:aws:sqs:us-east-1:111122223333:Queue", true],
    ["arn:aws:sqs:us-east-1:111122223333:queue", "arn:aws:sqs:us-east-1:111122223333:Queue", false],
    // A wildcard does not reach over a colon into the next part ...
    ["arn:aws:sqs:*:Queue", "arn:aws:sqs:us-east-1:111122223333:Queue", false],
    ["arn:aws:iam::*:role/x", "arn:aws:iam::1:user/y:role/x", false],
    // ... but the last part holds colons itself,
    ["arn:aws:logs:*:*:log-group:*:*", "arn:aws:logs:us-east-1:1:log-group:/aws/x:log-stream:y", true],
    ["arn:aws:logs:r:1:log-group*:x", "arn:aws:logs:r:1:log-group:a:b:x", true],
    ["arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", true],
    // and a pattern may end early in an asterisk.
    ["arn:aws:logs:*", "arn:aws:logs:us-east-1:1:log-group:x", true],
    ["arn:aws:logs:", "arn:aws:logs:us-east-1:1:log-group:x", false],
    ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key", false],
    ["arn:aws:ecr:us-east-1:111122223333:repository/prod/*", "*", false],
    ["arn:aws:logs:*", "*", false],
  ])("compares %j with %j: %s", (pattern, arn, expected) => {
    expect(matchesArn(tokenize([{ text: pattern, literal: false }]), arn)).toBe(expected);
  });
});
