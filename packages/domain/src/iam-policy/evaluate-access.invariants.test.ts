import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AccessPolicies, type AccessQuestion, evaluateAccess } from "./evaluate-access.ts";
import { type PolicyKind, parsePolicy } from "./policy-document.ts";

const accounts = ["111122223333", "444455556666"];
const callers = [
  { account: "111122223333", arn: "arn:aws:iam::111122223333:user/u" },
  { account: "111122223333", arn: "arn:aws:sts::111122223333:assumed-role/r/s" },
  { account: "444455556666", arn: "events.amazonaws.com", service: "events.amazonaws.com" },
];
const principals = [
  "*",
  { AWS: "111122223333" },
  { AWS: callers[0]?.arn },
  { AWS: "arn:aws:iam::111122223333:role/r" },
  { AWS: callers[1]?.arn },
  { Service: "events.amazonaws.com" },
];
const actions = ["ecr:PutImage", "ecr:Put*", "ecr:*", "*", "s3:GetObject", "sts:AssumeRole"];
const resources = ["*", "arn:aws:ecr:us-east-1:111122223333:repository/a", "arn:aws:ecr:*:*:repository/?"];
const operators = ["StringEquals", "StringNotEquals", "StringLikeIfExists", "Null", "StringMatches"];

const condition = fc.option(
  fc
    .tuple(fc.constantFrom(...operators), fc.constantFrom("a", "b", "*", "true"))
    .map(([operator, value]) => ({ [operator]: { key: value } })),
  { nil: undefined },
);

function statement(effect: "Allow" | "Deny", kind: PolicyKind) {
  const ownedByIdentity = kind === "identity" || kind === "session";
  return fc
    .record({
      action: fc.constantFrom(...actions),
      not: fc.boolean(),
      resource: fc.constantFrom(...resources),
      principal: fc.constantFrom(...principals),
      condition,
    })
    .map((it) => ({
      Effect: effect,
      [it.not ? "NotAction" : "Action"]: it.action,
      ...(kind !== "trust" && { Resource: it.resource }),
      ...(!ownedByIdentity && { Principal: it.principal }),
      ...(it.condition && { Condition: it.condition }),
    }));
}

function aPolicy(kind: PolicyKind) {
  const statements = fc.oneof(statement("Allow", kind), statement("Allow", kind), statement("Deny", kind));
  return fc.array(statements, { minLength: 1, maxLength: 3 }).map((it) => parsed(it, kind));
}

function parsed(statements: unknown, kind: PolicyKind) {
  return { name: kind, document: parsePolicy({ Version: "2012-10-17", Statement: statements }, kind) };
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const policies: fc.Arbitrary<AccessPolicies> = fc
  .record({
    identity: fc.array(aPolicy("identity"), { maxLength: 2 }),
    boundary: optional(aPolicy("identity")),
    session: optional(fc.array(aPolicy("session"), { minLength: 1, maxLength: 2 })),
    resource: fc.array(aPolicy("resource"), { maxLength: 2 }),
    trust: optional(aPolicy("trust")),
  })
  .map(({ boundary, session, trust, ...rest }) => ({
    ...rest,
    ...(boundary && { boundary }),
    ...(session && { session }),
    ...(trust && { trust }),
  }));

const question: fc.Arbitrary<AccessQuestion> = fc.record({
  caller: fc.constantFrom(...callers),
  action: fc.constantFrom("ecr:PutImage", "sts:AssumeRole", "ecr:putimage"),
  resource: fc.constantFrom("*", "arn:aws:ecr:us-east-1:111122223333:repository/a"),
  resourceAccount: fc.constantFrom(...accounts),
  context: fc.constantFrom<AccessQuestion["context"][]>({}, { key: "a" }, { key: ["a", "b"] }, { key: [] }),
});

/** Adds one statement to a policy of that kind: a new one, for a trust policy the same one. */
function added(base: AccessPolicies, kind: PolicyKind, extra: unknown): AccessPolicies {
  const policy = parsed([extra], kind);
  if (kind === "identity") return { ...base, identity: [...base.identity, policy] };
  if (kind === "resource") return { ...base, resource: [...(base.resource ?? []), policy] };
  if (kind === "session") return base.session ? { ...base, session: [...base.session, policy] } : base;
  if (!base.trust) return base;
  const Statement = [...base.trust.document.Statement, ...policy.document.Statement];
  return { ...base, trust: { ...base.trust, document: { ...base.trust.document, Statement } } };
}

const kinds: readonly PolicyKind[] = ["identity", "session", "resource", "trust"];

describe.each(kinds)("one more statement in a policy of kind %s", (kind) => {
  it("that denies never allows more", () => {
    fc.assert(
      fc.property(question, policies, statement("Deny", kind), (asked, base, extra) => {
        const before = evaluateAccess(asked, base).allowed;
        const after = evaluateAccess(asked, added(base, kind, extra)).allowed;
        expect(after && !before).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it("that allows never allows less", () => {
    fc.assert(
      fc.property(question, policies, statement("Allow", kind), (asked, base, extra) => {
        const before = evaluateAccess(asked, base).allowed;
        const after = evaluateAccess(asked, added(base, kind, extra)).allowed;
        expect(before && !after).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("any decision", () => {
  it("refuses without an Allow, and says why in one line", () => {
    fc.assert(
      fc.property(question, policies, (asked, given) => {
        const decision = evaluateAccess(asked, given);
        if (decision.allowed) {
          expect(decision.statements.some(({ statement: it }) => it.Effect === "Allow")).toBe(true);
          expect(decision.statements.some(({ statement: it }) => it.Effect === "Deny")).toBe(false);
        } else {
          expect(decision.message).toMatch(/^User: .* is not authorized to perform: .* on resource: .*$/);
          expect(decision.statements.every(({ statement: it }) => it.Effect === "Deny")).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same or stricter under a permissions boundary", () => {
    fc.assert(
      fc.property(
        question,
        policies,
        aPolicy("identity"),
        (asked, { boundary: _, ...unbounded }, boundary) => {
          const bounded = evaluateAccess(asked, { ...unbounded, boundary }).allowed;
          expect(bounded && !evaluateAccess(asked, unbounded).allowed).toBe(false);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("is a refusal wherever one statement denies whatever is asked", () => {
    const everything = { Effect: "Deny", Action: "*" };
    fc.assert(
      fc.property(question, policies, fc.constantFrom(...kinds), (asked, base, kind) => {
        const owned = kind === "identity" || kind === "session";
        const deny = { ...everything, ...(owned ? { Resource: "*" } : { Principal: "*" }) };
        const denied = added(base, kind, deny);
        if (denied === base) return;
        expect(evaluateAccess(asked, denied)).toMatchObject({ allowed: false, explicitDeny: true });
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same or stricter under a session policy", () => {
    fc.assert(
      fc.property(question, policies, aPolicy("session"), (asked, { session: _, ...unbounded }, session) => {
        const bounded = evaluateAccess(asked, { ...unbounded, session: [session] }).allowed;
        expect(bounded && !evaluateAccess(asked, unbounded).allowed).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
