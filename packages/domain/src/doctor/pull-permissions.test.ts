import { describe, expect, test } from "vitest";
import type { LookedPolicy, RoleFacts } from "./facts.ts";
import type { Opinion } from "./finding.ts";
import { checkLogin, checkPull, PULL } from "./pull-permissions.ts";

const ACCOUNT = "111122223333";
const OTHER = "444455556666";
const FOUR = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchGetImage",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchCheckLayerAvailability",
];

function policy(name: string, statement: object): LookedPolicy {
  return { name, document: { seen: { Version: "2012-10-17", Statement: [statement] } } };
}

function role(identity: readonly LookedPolicy[], more: Partial<RoleFacts> = {}): RoleFacts {
  const trust: LookedPolicy = { name: "trust", document: { seen: "{}" } };
  return { arn: `arn:aws:iam::${ACCOUNT}:role/ecs/web`, name: "web", trust, identity, tags: {}, ...more };
}

function allowing(...Action: readonly string[]): LookedPolicy {
  return policy("p", { Effect: "Allow", Action, Resource: "*" });
}

const own = { account: ACCOUNT, region: "us-east-1", repository: "prod/web" };
const foreign = { ...own, account: OTHER };
const NO_POLICY = { seen: undefined };
const says = (...statements: readonly object[]) => ({
  seen: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
});
const letsIn = (Principal: unknown, Action: unknown = PULL.map(({ action }) => action), Condition?: object) =>
  says({ Effect: "Allow", Principal, Action, ...(Condition && { Condition }) });

function verdicts(opinions: readonly Opinion[]): readonly string[] {
  return opinions.map(({ verdict }) => verdict);
}

const pull = (
  it: RoleFacts,
  repository = own,
  policyText: { readonly seen: string | undefined } = NO_POLICY,
) => checkPull({ role: it, as: "execution" }, { repository, policy: policyText });

const ALL = ["ok", "ok", "ok"];

describe("within one account", () => {
  test("a role that may do all four may pull", () => {
    expect(checkLogin({ role: role([allowing(...FOUR)]), as: "execution" }, "us-east-1").verdict).toBe("ok");
    expect(verdicts(pull(role([allowing(...FOUR)])))).toEqual(ALL);
  });

  test.each([
    ["ecr:GetAuthorizationToken", ["problem", "ok", "ok", "ok"]],
    ["ecr:BatchGetImage", ["ok", "problem", "ok", "ok"]],
    ["ecr:GetDownloadUrlForLayer", ["ok", "ok", "problem", "ok"]],
    ["ecr:BatchCheckLayerAvailability", ["ok", "ok", "ok", "warning"]],
  ])("without %s that one is missing", (action, expected) => {
    const it = role([allowing(...FOUR.filter((each) => each !== action))]);
    const opinions = [checkLogin({ role: it, as: "execution" }, "us-east-1"), ...pull(it)];
    expect(verdicts(opinions)).toEqual(expected);
    expect(opinions.find(({ verdict }) => verdict !== "ok")).toMatchObject({
      remedy: expect.stringContaining("service-role/AmazonECSTaskExecutionRolePolicy"),
      evidence: { action, source: "identity" },
    });
  });

  test("the instance's role is given the policy for instances", () => {
    const opinion = checkLogin({ role: role([]), as: "instance" }, "us-east-1");
    expect(opinion.remedy).toContain("service-role/AmazonEC2ContainerServiceforEC2Role");
  });

  test("the repository's policy may allow it instead, to the role or the account's whole", () => {
    expect(verdicts(pull(role([]), own, letsIn({ AWS: `arn:aws:iam::${ACCOUNT}:role/ecs/web` })))).toEqual(
      ALL,
    );
    expect(verdicts(pull(role([]), own, letsIn({ AWS: ACCOUNT })))[0]).toBe("problem");
  });

  test("a Deny of the repository's policy wins", () => {
    const denying = says({ Sid: "No", Effect: "Deny", Principal: "*", Action: "ecr:BatchGetImage" });
    const [first, ...rest] = pull(role([allowing(...FOUR)]), own, denying);
    expect(first).toMatchObject({
      verdict: "problem",
      remedy: "Take it out of the Deny: the policy of prod/web, statement No.",
    });
    expect(verdicts(rest)).toEqual(["ok", "ok"]);
  });

  test("a policy that names repositories must name this one", () => {
    const on = (name: string) =>
      role([
        policy("p", {
          Effect: "Allow",
          Action: FOUR,
          Resource: `arn:aws:ecr:*:${ACCOUNT}:repository/${name}`,
        }),
      ]);
    expect(verdicts(pull(on("prod/*")))).toEqual(ALL);
    expect(verdicts(pull(on("dev/*")))).toEqual(["problem", "problem", "warning"]);
    expect(checkLogin({ role: on("*"), as: "execution" }, "us-east-1").verdict).toBe("problem");
  });

  test("a permissions boundary that is silent is what is missing", () => {
    const it = role([allowing(...FOUR)], { boundary: allowing("s3:*") });
    expect(pull(it)[0]).toMatchObject({ verdict: "problem", evidence: { source: "boundary" } });
  });

  test("a condition on the repository's tags is decided by them, and open where they were not seen", () => {
    const tagged = policy("p", {
      Effect: "Allow",
      Action: FOUR,
      Resource: "*",
      Condition: { StringEquals: { "ecr:ResourceTag/Team": "shop" } },
    });
    const on = (tags: object) =>
      checkPull({ role: role([tagged]), as: "execution" }, { repository: own, policy: NO_POLICY, ...tags });
    expect(verdicts(on({ tags: { seen: { Team: "shop" } } }))).toEqual(ALL);
    expect(verdicts(on({ tags: { seen: {} } }))).toEqual(["problem", "problem", "warning"]);
    const unseen = { action: "ecr:ListTagsForResource", reason: "refused", refused: true };
    expect(verdicts(on({ tags: { unseen } }))).toEqual(["unknown", "unknown", "unknown"]);
    expect(on({ tags: { unseen } })[0]).toMatchObject({
      remedy: "Allow ecr:ListTagsForResource to whoever runs this, and run it again.",
    });
  });

  test("a role's own ARN is known", () => {
    const only = (arn: string) => {
      const Condition = { ArnEquals: { "aws:PrincipalArn": arn } };
      return pull(role([policy("p", { Effect: "Allow", Action: FOUR, Resource: "*", Condition })]));
    };
    expect(verdicts(only(`arn:aws:iam::${ACCOUNT}:role/ecs/web`))).toEqual(ALL);
    expect(verdicts(only(`arn:aws:iam::${ACCOUNT}:role/api`))).toEqual(["problem", "problem", "warning"]);
  });

  test("a role's own tags are known", () => {
    const Condition = { StringEquals: { "aws:PrincipalTag/team": "shop" } };
    const identity = [policy("p", { Effect: "Allow", Action: FOUR, Resource: "*", Condition })];
    expect(verdicts(pull(role(identity, { tags: { team: "shop" } })))).toEqual(ALL);
    expect(verdicts(pull(role(identity)))).toEqual(["problem", "problem", "warning"]);
  });
});

describe("between accounts", () => {
  const able = role([allowing(...FOUR)]);

  test("both must allow", () => {
    const policyText = letsIn({ AWS: `arn:aws:iam::${ACCOUNT}:root` });
    expect(verdicts(pull(able, foreign, policyText))).toEqual(ALL);
    expect(verdicts(pull(role([]), foreign, policyText))).toEqual(["problem", "problem", "warning"]);
    const [refused] = pull(able, foreign);
    expect(refused).toMatchObject({
      verdict: "problem",
      evidence: { source: "resource" },
      remedy: expect.stringContaining(`"Principal":{"AWS":"arn:aws:iam::${ACCOUNT}:root"}`),
    });
  });

  test("a policy that was not seen leaves it open, unless the role may not anyway", () => {
    const unseen = { action: "ecr:GetRepositoryPolicy", reason: "AccessDeniedException", refused: true };
    const on = (it: RoleFacts) =>
      checkPull({ role: it, as: "execution" }, { repository: foreign, policy: { unseen } });
    expect(on(able)[0]).toMatchObject({
      verdict: "unknown",
      remedy: expect.stringContaining("ecr:GetRepositoryPolicy"),
    });
    expect(on(role([]))[0]).toMatchObject({ verdict: "problem" });
  });

  test("whether the organisation is the right one is not known here", () => {
    const Condition = { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };
    const [opinion] = pull(able, foreign, letsIn("*", FOUR.slice(1), Condition));
    expect(opinion).toMatchObject({ verdict: "unknown", evidence: { keys: ["aws:principalorgid"] } });
  });

  test("the root of an account is written in its own partition", () => {
    const it = role([allowing(...FOUR)], { arn: `arn:aws-cn:iam::${ACCOUNT}:role/web` });
    const at = { ...foreign, region: "cn-north-1" };
    expect(verdicts(pull(it, at, letsIn({ AWS: `arn:aws-cn:iam::${ACCOUNT}:root` })))).toEqual(ALL);
    expect(pull(it, at)[0]?.remedy).toContain(`arn:aws-cn:ecr:cn-north-1:${OTHER}:repository/prod/web`);
  });
});
