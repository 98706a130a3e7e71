import { expect, test } from "vitest";
import { Access } from "./access.ts";
import { includesRight, type Right } from "./right.ts";
import { rightOf } from "./right-of.ts";

const HUB = "111122223333";
const grant = (principal: string, right: Right) => ({ principal, right });
const session = (role: string, name = "jane", account = HUB) =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`;
const role = (name: string, account = HUB) => `arn:aws:iam::${account}:role/${name}`;
const user = (name: string, account = HUB) => `arn:aws:iam::${account}:user/${name}`;

test.each([
  { arn: user("test"), right: "operator" },
  { arn: session("Admin"), right: "operator" },
  { arn: `arn:aws:iam::${HUB}:root`, right: "operator" },
  { arn: session("Admin", "jane", "444455556666"), right: undefined },
  { arn: user("test", "444455556666"), right: undefined },
  { arn: "", right: undefined },
  { arn: `arn:aws:sts::${HUB}:federated-user/jane`, right: undefined },
  { arn: `x${user("test")}`, right: undefined },
] as const)("without an access section $arn holds $right", ({ arn, right }) => {
  expect(rightOf({ arn, hubAccount: HUB }, undefined).right).toBe(right);
});

test.each([
  { principal: user("jane"), arn: user("jane"), holds: true },
  { principal: user("jane"), arn: user("janet"), holds: false },
  { principal: user("jane"), arn: user("mary/jane"), holds: false },
  { principal: user("team/*"), arn: user("team/jane"), holds: true },
  { principal: user("*"), arn: user("team/jane"), holds: false },
  { principal: role("platform"), arn: session("platform"), holds: true },
  { principal: role("aws-reserved/sso/platform"), arn: session("platform"), holds: true },
  { principal: role("platform-*"), arn: session("platform-admin"), holds: true },
  { principal: role("platform-*"), arn: session("platform-", "platform-admin"), holds: true },
  { principal: role("platform-*"), arn: session("plat", "platform-admin"), holds: false },
  { principal: role("*-admin"), arn: session("platform-admin"), holds: true },
  { principal: role("*-admin"), arn: session("platform-admin-x"), holds: false },
  { principal: role("a*b*c"), arn: session("aXbYc"), holds: true },
  { principal: role("a*b*c"), arn: session("abc"), holds: true },
  { principal: role("a*a"), arn: session("a"), holds: false },
  { principal: role("platform"), arn: session("platform", "jane", "444455556666"), holds: false },
  { principal: role("platform"), arn: user("platform"), holds: false },
  { principal: user("*"), arn: "arn:aws:sts::111122223333:federated-user/jane", holds: false },
])("a grant to $principal covers $arn: $holds", ({ principal, arn, holds }) => {
  const access = Access.parse({ grants: [grant(principal, "viewer")] });
  expect(rightOf({ arn, hubAccount: HUB }, access).right).toBe(holds ? "viewer" : undefined);
});

test("the highest of several grants holds, whatever their order", () => {
  const grants = [grant(role("*"), "viewer"), grant(role("lead"), "approver"), grant(role("l*"), "operator")];
  for (const order of [grants, grants.toReversed()])
    expect(rightOf({ arn: session("lead"), hubAccount: HUB }, { grants: order }).right).toBe("approver");
});

test("an empty access section grants nothing, not even to the hub's account", () => {
  expect(rightOf({ arn: user("test"), hubAccount: HUB }, { grants: [] }).right).toBeUndefined();
});

test.each(["*", "arn:aws:iam::*:role/x", "arn:aws:s3:::bucket", role(""), "arn:aws:iam::111122223333:root"])(
  "the access section refuses %j as a principal",
  (principal) => {
    expect(Access.safeParse({ grants: [grant(principal, "viewer")] }).success).toBe(false);
  },
);

test.each([
  { held: "viewer", needed: "viewer", enough: true },
  { held: "viewer", needed: "operator", enough: false },
  { held: "operator", needed: "viewer", enough: true },
  { held: "operator", needed: "approver", enough: false },
  { held: "approver", needed: "operator", enough: true },
] as const)("$held is enough for $needed: $enough", ({ held, needed, enough }) => {
  expect(includesRight(held, needed)).toBe(enough);
});
