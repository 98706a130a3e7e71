import type { Access } from "./access.ts";
import { isNamedBy, parsePrincipal } from "./is-named-by.ts";
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
    .filter((grant) => isNamedBy(grant.principal, principal.arn))
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
