import type { Access } from "./access.ts";
import { Right } from "./right.ts";

/** Who asks (`requestContext.authorizer.iam.userArn`) and whose control plane it is. */
export type Principal = { readonly arn: string; readonly hubAccount: string };

export type RightDecision = {
  readonly right: Right | undefined;
  /** One sentence that says which rule decided. */
  readonly reason: string;
};

/**
 * The highest right that the access section grants. Without a section IAM alone decides who may call the API, and every
 * principal of the hub's own account that IAM lets through is an operator; principals of other accounts hold nothing.
 * With a section, whoever it does not name holds nothing.
 */
export function rightOf(principal: Principal, access: Access | undefined): RightDecision {
  if (access === undefined) return rightWithoutSection(principal);
  const held = access.grants
    .filter((grant) => names(grant.principal, principal.arn))
    .toSorted((a, b) => Right.options.indexOf(b.right) - Right.options.indexOf(a.right))[0];
  if (held === undefined)
    return { right: undefined, reason: "no grant of the access section names this principal" };
  return { right: held.right, reason: `granted to ${held.principal} by the access section` };
}

function rightWithoutSection({ arn, hubAccount }: Principal): RightDecision {
  const caller = parsePrincipal(arn);
  if (caller?.account === hubAccount)
    return {
      right: "operator",
      reason: "a principal of the hub's account, and the policy has no access section",
    };
  return {
    right: undefined,
    reason: "not a principal of the hub's account, and the policy has no access section",
  };
}

function names(pattern: string, arn: string): boolean {
  const wanted = parsePrincipal(pattern);
  const caller = parsePrincipal(arn);
  if (wanted === undefined || caller === undefined) return false;
  if (wanted.account !== caller.account || wanted.kind !== caller.kind) return false;
  return matchesGlob(wanted.kind === "role" ? lastSegment(wanted.name) : wanted.name, caller.name);
}

type ParsedPrincipal = { readonly account: string; readonly kind: "user" | "role"; readonly name: string };

/** `arn:aws:iam::<account>:(user|role)/<path and name>` or `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
function parsePrincipal(arn: string): ParsedPrincipal | undefined {
  const iam = /^arn:aws[a-z-]*:iam::(\d{12}):(?:(user|role)\/(.+)|root)$/.exec(arn);
  if (iam !== null) {
    const [, account = "", kind, name = "root"] = iam;
    return { account, kind: kind === "role" ? "role" : "user", name };
  }
  const session = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(arn);
  if (session === null) return undefined;
  const [, account = "", name = ""] = session;
  return { account, kind: "role", name };
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `*` is any run of characters but `/`. Greedy without backtracking: linear in both lengths for practical input. */
function matchesGlob(glob: string, text: string): boolean {
  const parts = glob.split("*");
  const [first = ""] = parts;
  if (parts.length === 1) return glob === text;
  if (!text.startsWith(first)) return false;
  let rest = text.slice(first.length);
  for (const [index, part] of parts.slice(1).entries()) {
    const isLast = index === parts.length - 2;
    const at = isLast ? rest.length - part.length : rest.indexOf(part);
    if (at < 0 || !rest.startsWith(part, at) || rest.slice(0, at).includes("/")) return false;
    rest = rest.slice(at + part.length);
  }
  return rest === "";
}
