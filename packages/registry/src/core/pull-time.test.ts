import { expect, test } from "vitest";
import { excludablePrincipal } from "./pull-time.ts";

test.each([
  ["arn:aws:sts::111122223333:assumed-role/reader/session-1", "arn:aws:iam::111122223333:role/reader"],
  ["arn:aws:iam::111122223333:user/anna", "arn:aws:iam::111122223333:user/anna"],
  ["arn:aws:iam::111122223333:role/reader", "arn:aws:iam::111122223333:role/reader"],
  ["arn:aws-cn:sts::111122223333:assumed-role/reader/a@b", "arn:aws-cn:iam::111122223333:role/reader"],
])("%s is excluded as %s", (arn, principal) => {
  expect(excludablePrincipal(arn)).toBe(principal);
});
