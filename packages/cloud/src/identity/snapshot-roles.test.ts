import { describe, expect, it } from "vitest";
import { createRole } from "./roles.ts";
import { rolesOf } from "./snapshot-roles.ts";

const trust = {
  Version: "2012-10-17" as const,
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const policy = { Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: "*" }] };
const basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

function snapshot(resources: Parameters<typeof rolesOf>[0]["resources"]) {
  return { stack: "hub", resources };
}

describe("rolesOf", () => {
  it("collects a role's inline, separate and managed policies under its physical name", () => {
    const [role] = rolesOf(
      snapshot({
        "aws:iam/role:Role": {
          AFunctionRole: {
            name: "a-function",
            assumeRolePolicy: trust,
            inlinePolicies: [{ name: "inline", policy }],
            managedPolicyArns: [basic],
            maxSessionDuration: 7200,
          },
        },
        "aws:iam/rolePolicy:RolePolicy": { Separate: { role: "a-function", policy } },
      }),
      "111122223333",
    );
    expect(role && createRole(role)).toMatchObject({
      arn: "arn:aws:iam::111122223333:role/a-function",
      policies: [{ name: "inline" }, { name: "Separate" }, { name: basic }],
      maxSessionSeconds: 7200,
    });
  });

  it("takes the logical name where there is no other, and attachments by ARN", () => {
    const [role] = rolesOf(
      snapshot({
        "aws:iam/role:Role": { R: { assumeRolePolicy: trust, path: "/service/" } },
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
          A: { role: "arn:aws:iam::111122223333:role/service/R", policyArn: basic },
        },
      }),
      "111122223333",
    );
    expect(role && createRole(role)).toMatchObject({
      arn: "arn:aws:iam::111122223333:role/service/R",
      policies: [{ name: basic }],
    });
  });

  it("finds no role in a stack without one", () => {
    expect(rolesOf(snapshot({}), "111122223333")).toEqual([]);
  });

  it("refuses a policy whose role the stack does not have", () => {
    const orphan = snapshot({ "aws:iam/rolePolicy:RolePolicy": { P: { role: "gone", policy } } });
    expect(() => rolesOf(orphan, "111122223333")).toThrowError("hub: P belongs to no role: gone");
  });
});
