import type { PolicyDocument, PrincipalElement, Statement } from "../iam-policy/policy-document.ts";
import { matchesAction } from "../iam-policy/wildcard.ts";
import { type Narrowing, narrowingOf, narrowingOfDeny } from "./narrowing.ts";

/** The most that a statement gives away. */
export type Power = "change" | "push" | "read";

/** Somebody beyond the own account whom a statement lets in. */
export type Sharing = {
  readonly statement: string;
  readonly power: Power;
} & (
  | { readonly with: "everybody"; readonly narrowing: Narrowing }
  | { readonly with: "account"; readonly principals: readonly string[] }
  | { readonly with: "service"; readonly principals: readonly string[]; readonly narrowing: Narrowing }
);

const CHANGE = [
  "ecr:BatchDeleteImage",
  "ecr:DeleteLifecyclePolicy",
  "ecr:DeleteRepository",
  "ecr:DeleteRepositoryPolicy",
  "ecr:PutImageTagMutability",
  "ecr:PutLifecyclePolicy",
  "ecr:SetRepositoryPolicy",
  "ecr:UpdateImageStorageClass",
];
const PUSH = ["ecr:PutImage", "ecr:ReplicateImage", "ecr:InitiateLayerUpload", "ecr:CreateRepository"];

/** With whom else than its own account a resource's policy shares it. */
export function sharedWith(policy: PolicyDocument, account: string): readonly Sharing[] {
  const denies = policy.Statement.filter(deniesEverybody);
  return policy.Statement.flatMap((statement, index): readonly Sharing[] => {
    if (statement.Effect !== "Allow") return [];
    const named = { statement: statement.Sid ?? `statement ${index + 1}`, power: powerOf(statement) };
    const { everybody, others, services } = strangers(statement, account);
    const narrowing = narrowest([narrowingOf(statement), ...denies.map((deny) => denied(deny, statement))]);
    return [
      ...(everybody ? [{ ...named, with: "everybody" as const, narrowing }] : []),
      ...(others.length > 0 ? [{ ...named, with: "account" as const, principals: others }] : []),
      ...(services.length > 0
        ? [{ ...named, with: "service" as const, principals: services, narrowing }]
        : []),
    ];
  });
}

function powerOf(statement: Statement): Power {
  const gives = (actions: readonly string[]) => actions.some((action) => speaksOf(statement, action));
  if (gives(CHANGE)) return "change";
  return gives(PUSH) ? "push" : "read";
}

function speaksOf({ Action, NotAction }: Statement, action: string): boolean {
  if (Action) return Action.some((pattern) => matchesAction(pattern, action));
  return NotAction !== undefined && !NotAction.some((pattern) => matchesAction(pattern, action));
}

function strangers({ Principal, NotPrincipal }: Statement, account: string) {
  const { AWS = [], Service = [], Federated = [], CanonicalUser = [] }: PrincipalElement = Principal ?? {};
  const isOwn = (principal: string) => principal === account || principal.split(":")[4] === account;
  return {
    // An Allow with NotPrincipal lets in everybody but those it names.
    everybody: NotPrincipal !== undefined || AWS.includes("*"),
    others: [
      ...AWS.filter((it) => it !== "*" && !isOwn(it)),
      ...Federated.filter((it) => !isOwn(it)),
      ...CanonicalUser,
    ],
    services: Service,
  };
}

function deniesEverybody({ Effect, Principal }: Statement): boolean {
  return Effect === "Deny" && Principal?.AWS?.includes("*") === true;
}

/** What a Deny leaves of everybody, if it speaks of all that the statement allows. */
function denied(deny: Statement, allow: Statement): Narrowing {
  const covers = (allow.Action ?? []).every((action) => speaksOf(deny, action));
  return covers && allow.Action !== undefined ? narrowingOfDeny(deny) : { by: "nothing", keys: [] };
}

function narrowest(narrowings: readonly Narrowing[]): Narrowing {
  const of = (by: Narrowing["by"]) => narrowings.find((it) => it.by === by);
  return of("who") ?? of("where") ?? { by: "nothing", keys: [] };
}
