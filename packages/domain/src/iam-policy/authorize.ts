/**
 * Who asks. `arn` is `arn:aws:iam::<account>:user/<name>`, `arn:aws:sts::<account>:assumed-role/<role>/<session>`, or
 * for a call that a service makes, `service` holds its principal (`events.amazonaws.com`). Serialisable: an ECR
 * authorization token carries it.
 */
export type Caller = {
  readonly account: string;
  readonly arn: string;
  readonly service?: string;
  /** Policies passed to AssumeRole, as JSON text: they can only narrow what the role may do. */
  readonly sessionPolicies?: readonly string[];
};

/** One question to the evaluation engine: may `caller` do `action` on `resource`, in this context? */
export type AuthorizationRequest = {
  readonly caller: Caller;
  /** `ecr:PutImage` */
  readonly action: string;
  /** ARN, or `*` for an action without resource-level permissions. */
  readonly resource: string;
  /** The account that owns the resource; another caller's account needs the resource policy to allow as well. */
  readonly resourceAccount: string;
  /** Policies attached to the resource (queue policy, repository policy, registry policy), as parsed JSON. */
  readonly resourcePolicies?: readonly unknown[];
  /** Condition keys, lower case (`aws:sourcearn`, `ecr:resourcetag/team`). */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Nobody wants to do it: it is asked what would be, and a refusal is no event. */
  readonly hypothetical?: boolean;
};

export type AuthorizationDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly explicitDeny: boolean; readonly message: string };

/** Decides; a refusal is recorded by whoever implements this (embedded: `/_embedded/denials`). */
export type Authorize = (request: AuthorizationRequest) => AuthorizationDecision;
