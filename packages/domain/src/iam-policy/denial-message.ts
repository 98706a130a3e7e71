/** Why a request is refused: a statement denies it, or no policy of the kind that would have to allow it does. */
export type DenialReason = {
  readonly explicit: boolean;
  readonly source: "identity" | "boundary" | "session" | "resource" | "trust";
};

type Refused = {
  readonly caller: { readonly arn: string; readonly service?: string };
  readonly action: string;
  readonly resource: string;
};

/**
 * The words of AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html):
 * `User: <arn> is not authorized to perform: <action> on resource: <arn> because no identity-based policy allows the
 * <action> action`, or `... with an explicit deny in an identity-based policy`.
 */
export function denialMessage({ caller, action, resource }: Refused, reason: DenialReason): string {
  const who = caller.service ?? caller.arn;
  const start = `User: ${who} is not authorized to perform: ${action} on resource: ${resource}`;
  const { name, article } = kinds[reason.source];
  if (reason.explicit) return `${start} with an explicit deny in ${article} ${name}`;
  return `${start} because no ${name} allows the ${action} action`;
}

const kinds = {
  identity: { article: "an", name: "identity-based policy" },
  boundary: { article: "a", name: "permissions boundary" },
  session: { article: "a", name: "session policy" },
  resource: { article: "a", name: "resource-based policy" },
  trust: { article: "the", name: "role trust policy" },
} as const satisfies Record<DenialReason["source"], { article: string; name: string }>;
