import * as z from "zod";
// Not by `z.core`, which would bring all of it into a bundle.
import { toDotPath } from "zod/v4/core";

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item).min(1)]).transform((value) => (Array.isArray(value) ? value : [value]));

const Action = z
  .string()
  .regex(/^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+|[A-Za-z0-9*?-]+:\*)$/, "an action is * or <service>:<Action>");
const Actions = oneOrMore(Action);
const Resources = oneOrMore(z.string().regex(/^(\*|arn:.+)$/s, "a resource is * or an ARN"));

const PrincipalMap = z.strictObject({
  AWS: oneOrMore(z.string().min(1)).optional(),
  Service: oneOrMore(z.string().min(1)).optional(),
  Federated: oneOrMore(z.string().min(1)).optional(),
  CanonicalUser: oneOrMore(z.string().min(1)).optional(),
});
const Principal = z.union([z.literal("*").transform(() => ({ AWS: ["*"] })), PrincipalMap]);

const ConditionValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Condition = z.record(z.string(), z.record(z.string(), oneOrMore(ConditionValue)));

const StatementFields = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: Actions.optional(),
  NotAction: Actions.optional(),
  Resource: Resources.optional(),
  NotResource: Resources.optional(),
  Principal: Principal.optional(),
  NotPrincipal: Principal.optional(),
  Condition: Condition.optional(),
});

const Document = z.strictObject({
  Version: z.enum(["2008-10-17", "2012-10-17"]).default("2008-10-17"),
  Id: z.string().optional(),
  Statement: z
    .union([StatementFields, z.array(StatementFields)])
    .transform((value) => (Array.isArray(value) ? value : [value])),
});

export type Statement = z.infer<typeof StatementFields>;
export type PrincipalElement = z.infer<typeof PrincipalMap>;
export type Conditions = z.infer<typeof Condition>;
export type PolicyDocument = z.infer<typeof Document>;

/** Where a policy is attached, which decides what its statements must and must not say. */
export type PolicyKind = "identity" | "session" | "resource" | "trust";

/** A policy that AWS would refuse to store; `problems` has one line for each thing wrong with it. */
export class MalformedPolicyError extends Error {
  readonly code = "MalformedPolicyDocument";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The policy is malformed: ${problems.join("; ")}`);
    this.name = "MalformedPolicyError";
    this.problems = problems;
  }
}

/**
 * Reads a policy document, given as JSON text or as the parsed object. Strict: an unknown element is refused. An
 * operator that the engine does not know stays in: `evaluateAccess` fails closed on it and `unknownOperators` lists it.
 *
 * @throws MalformedPolicyError with every problem found
 */
export function parsePolicy(input: unknown, kind: PolicyKind): PolicyDocument {
  const parsed = Document.safeParse(typeof input === "string" ? parseJson(input) : input);
  if (!parsed.success) throw new MalformedPolicyError(parsed.error.issues.map(describeIssue));
  const problems = parsed.data.Statement.flatMap((statement, index) => [
    ...statementProblems(statement, kind).map((problem) => `Statement[${index}]: ${problem}`),
    ...sidProblems(parsed.data.Statement, index),
  ]);
  if (problems.length > 0) throw new MalformedPolicyError(problems);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedPolicyError(["not valid JSON"]);
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const nested = issue.code === "invalid_union" ? issue.errors.flat().map((inner) => inner.message) : [];
  const where = issue.path.length === 0 ? "document" : toDotPath(issue.path);
  return `${where}: ${nested.length > 0 ? nested.join(", or ") : issue.message}`;
}

/** Statement ids are unique within a policy. */
function sidProblems(statements: readonly Statement[], index: number): readonly string[] {
  const sid = statements[index]?.Sid;
  const first = statements.findIndex((statement) => statement.Sid === sid);
  return sid !== undefined && first < index
    ? [`Statement[${index}]: has the Sid ${sid} of Statement[${first}]`]
    : [];
}

function statementProblems(statement: Statement, kind: PolicyKind): readonly string[] {
  const resources = [statement.Resource, statement.NotResource].filter((it) => it !== undefined).length;
  const principals = [statement.Principal, statement.NotPrincipal].filter((it) => it !== undefined).length;
  const ownedByIdentity = kind === "identity" || kind === "session";
  return [
    (statement.Action === undefined) === (statement.NotAction === undefined) &&
      "needs exactly one of Action and NotAction",
    resources > 1 && "has both Resource and NotResource",
    ownedByIdentity && resources === 0 && "needs Resource or NotResource",
    kind === "trust" && resources > 0 && "a trust policy has no Resource",
    ownedByIdentity && principals > 0 && "a policy of an identity has no Principal",
    !ownedByIdentity && principals !== 1 && "needs exactly one of Principal and NotPrincipal",
  ].filter((problem) => problem !== false);
}
