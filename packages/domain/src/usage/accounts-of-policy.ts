import { matchesAction, matchesWildcard } from "../iam-policy/wildcard.ts";
import * as z from "../zod.ts";

/** What stands for "anyone" in place of an account. */
export const ANYONE = "*";

/** Either of them gives away part of an image. */
const PULLS = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

const text = z.string();
const Texts = z.pipe(
  z.union([text, z.array(text)]),
  z.transform((it) => (typeof it === "string" ? [it] : it)),
);
const Principals = z.union([
  z.pipe(
    z.literal("*"),
    z.transform((it) => ({ AWS: [it] })),
  ),
  z.record(text, Texts),
]);

const Statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.optional(Texts),
  NotAction: z.optional(Texts),
  Resource: z.optional(Texts),
  NotResource: z.optional(Texts),
  Principal: z.optional(Principals),
  NotPrincipal: z.optional(z.unknown()),
  Condition: z.optional(z.record(text, z.record(text, z.unknown()))),
});
type Statement = z.infer<typeof Statement>;

const Policy = z.object({ Statement: z.union([z.array(Statement), Statement]) });

/**
 * The accounts whose principals a policy of a registry or repository lets pull from a repository, its own included where it is
 * named. Rather more than fewer: what a Deny takes away again stays, and what is not understood is ANYONE.
 */
export function accountsOfPolicy(policy: string, repositoryArn: string): readonly string[] {
  const parsed = Policy.safeParse(jsonOf(policy));
  if (!parsed.success) return [ANYONE];
  const statements = Array.isArray(parsed.data.Statement) ? parsed.data.Statement : [parsed.data.Statement];
  const pulls = statements.filter((it) => it.Effect === "Allow" && isPull(it) && concerns(it, repositoryArn));
  return [...new Set(pulls.flatMap(accountsOfStatement))].toSorted();
}

function isPull({ Action, NotAction = [] }: Statement): boolean {
  const covers = (patterns: readonly string[], action: string) =>
    patterns.some((pattern) => matchesAction(pattern, action));
  return PULLS.some((action) => (Action ? covers(Action, action) : !covers(NotAction, action)));
}

/** A repository's policy has no resources: it speaks of the repository. Variables may become anything. */
function concerns({ Resource }: Statement, arn: string): boolean {
  return Resource?.some((pattern) => pattern.includes("${") || matchesWildcard(pattern, arn)) ?? true;
}

function accountsOfStatement({ Principal, Condition = {} }: Statement): readonly string[] {
  // NotPrincipal: everybody but these.
  if (!Principal) return [ANYONE];
  const accounts = Object.entries(Principal).flatMap(([kind, names]) =>
    kind === "AWS" ? names.flatMap(accountsOfName) : [ANYONE],
  );
  const named = accounts.filter((it) => it !== ANYONE);
  if (named.length === accounts.length) return named;
  return [...named, ...(accountsOfConditions(Condition) ?? [ANYONE])];
}

/** The unique id of a user or role stands there when it was deleted: nobody pulls as it any more. */
const DELETED = /^A[A-Z0-9]{15,}$/;

function accountsOfName(principal: string): readonly string[] {
  if (DELETED.test(principal)) return [];
  return [accountOf(principal) ?? ANYONE];
}

/** Of an account id, or an ARN that names one: `arn:aws:iam::111122223333:root`. */
function accountOf(name: string): string | undefined {
  return /^(?:arn:[^:]+:[^:]+:[^:]*:)?(\d{12})(?::.+)?$/s.exec(name)?.[1];
}

/** Operators under which a request without the key does not pass. */
const OPERATORS = /^(string(equals|equalsignorecase|like)|arn(equals|like))$/i;
const KEYS = /^aws:(principalaccount|principalarn|sourceaccount|sourcearn)$/i;

/** The accounts to which a condition confines anyone; undefined where none does. All conditions hold at once: one is enough. */
function accountsOfConditions(
  conditions: NonNullable<Statement["Condition"]>,
): readonly string[] | undefined {
  const confining = Object.entries(conditions)
    .filter(([operator]) => OPERATORS.test(operator))
    .flatMap(([, keys]) => Object.entries(keys).filter(([key]) => KEYS.test(key)))
    .map(([, values]) => Texts.safeParse(values))
    .flatMap((values) => (values.success ? [values.data.map(accountOf)] : []));
  return confining.flatMap((accounts) => (accounts.every((it) => it !== undefined) ? [accounts] : [])).at(0);
}

function jsonOf(policy: string): unknown {
  try {
    return JSON.parse(policy);
  } catch {
    return undefined;
  }
}
