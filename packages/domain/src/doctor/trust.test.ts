import { expect, test } from "vitest";
import type { Place, RoleFacts } from "./facts.ts";
import { checkTrust, type TrustedService } from "./trust.ts";

const place: Place = { account: "111122223333", region: "us-east-1", partition: "aws" };
const china: Place = { ...place, region: "cn-north-1", partition: "aws-cn" };

function role(Statement: object): RoleFacts {
  const document = { seen: JSON.stringify({ Version: "2012-10-17", Statement: [Statement] }) };
  return {
    arn: "arn:aws:iam::111122223333:role/web",
    name: "web",
    trust: { name: "the trust policy of web", document },
    identity: [],
    tags: {},
  };
}

const trusts = (Service: unknown, Condition?: object) => ({
  Effect: "Allow",
  Principal: { Service },
  Action: "sts:AssumeRole",
  ...(Condition && { Condition }),
});
const source = (arn: string) => ({ ArnLike: { "aws:SourceArn": arn } });

test.each<[string, object, TrustedService, Place, string]>([
  ["ecs-tasks by ecs-tasks", trusts("ecs-tasks.amazonaws.com"), "ecs-tasks", place, "ok"],
  ["lambda by lambda", trusts("lambda.amazonaws.com"), "lambda", place, "ok"],
  ["ec2 among others", trusts(["ecs.amazonaws.com", "ec2.amazonaws.com"]), "ec2", place, "ok"],
  ["ecs, which is not ecs-tasks", trusts("ecs.amazonaws.com"), "ecs-tasks", place, "problem"],
  ["lambda for a task", trusts("lambda.amazonaws.com"), "ecs-tasks", place, "problem"],
  ["an account", { ...trusts("x"), Principal: { AWS: "111122223333" } }, "ecs-tasks", place, "problem"],
  ["nobody", { ...trusts("ecs-tasks.amazonaws.com"), Effect: "Deny" }, "ecs-tasks", place, "problem"],
  ["another action", { ...trusts("ec2.amazonaws.com"), Action: "sts:TagSession" }, "ec2", place, "problem"],
  [
    "tasks of the account and Region",
    trusts("ecs-tasks.amazonaws.com", source("arn:aws:ecs:us-east-1:111122223333:*")),
    "ecs-tasks",
    place,
    "ok",
  ],
  [
    "tasks of another account",
    trusts("ecs-tasks.amazonaws.com", { StringEquals: { "aws:SourceAccount": "444455556666" } }),
    "ecs-tasks",
    place,
    "problem",
  ],
  [
    "tasks of one cluster, which ECS does not name",
    trusts("ecs-tasks.amazonaws.com", source("arn:aws:ecs:us-east-1:111122223333:task/prod/*")),
    "ecs-tasks",
    place,
    "problem",
  ],
  [
    "lambda for what it may or may not name",
    trusts("lambda.amazonaws.com", source("arn:aws:lambda:us-east-1:111122223333:function:web")),
    "lambda",
    place,
    "unknown",
  ],
  ["ec2 as China had it", trusts("ec2.amazonaws.com.cn"), "ec2", china, "ok"],
  ["ec2 as China has it", trusts("ec2.amazonaws.com"), "ec2", china, "ok"],
  ["ec2 as China had it, elsewhere", trusts("ec2.amazonaws.com.cn"), "ec2", place, "problem"],
])("a role that trusts %s", (_, statement, service, at, verdict) => {
  const opinion = checkTrust(role(statement), service, at);
  expect(opinion.verdict).toBe(verdict);
  if (verdict === "problem") expect(opinion.remedy).toBeDefined();
});
