import { MalformedPolicyError, type PolicyDocument, parsePolicy } from "../iam-policy/policy-document.ts";
import { type Evidence, fine, type Opinion, problem, unknown, warning } from "./finding.ts";
import type { Looked } from "./looked.ts";
import { type Power, type Sharing, sharedWith } from "./shared-with.ts";

/** `name`: how people call what the policy is attached to; `account`: whose it is. */
export type PolicyOwner = { readonly name: string; readonly account: string };

const POWERS = {
  change: "change and delete",
  push: "push to",
  read: "read",
} as const satisfies Record<Power, string>;

/** Whether a repository's or registry's policy lets in the public or other accounts; one opinion for each statement that does. */
export function checkResourcePolicy(
  owner: PolicyOwner,
  policy: Looked<string | undefined>,
): readonly Opinion[] {
  if ("unseen" in policy) return [unknown(`the policy of ${owner.name}`, policy.unseen)];
  if (policy.seen === undefined) return [fine(`${owner.name} has no policy: only its own account is let in`)];
  const document = read(policy.seen);
  if ("problems" in document) return [unreadable(owner, document.problems)];
  const opinions = sharedWith(document, owner.account).map((sharing) => opinionOfSharing(owner, sharing));
  return opinions.length > 0 ? opinions : [fine(`the policy of ${owner.name} lets in its own account alone`)];
}

function read(text: string): PolicyDocument | { readonly problems: readonly string[] } {
  try {
    return parsePolicy(text, "resource");
  } catch (error) {
    if (error instanceof MalformedPolicyError) return { problems: error.problems };
    throw error;
  }
}

function unreadable({ name }: PolicyOwner, problems: readonly string[]): Opinion {
  const reason = `the policy of ${name} cannot be read: ${problems.join("; ")}`;
  return { verdict: "unknown", reason, remedy: "Read it by hand.", evidence: { problems } };
}

function opinionOfSharing(owner: PolicyOwner, sharing: Sharing): Opinion {
  const { statement, power } = sharing;
  const evidence: Evidence = { statement, power, with: sharing.with };
  switch (sharing.with) {
    case "everybody":
      return opinionOfEverybody(owner, sharing, evidence);
    case "account": {
      const who = sharing.principals.join(", ");
      const say = power === "change" ? problem : warning;
      return say(
        `${statement}: other accounts may ${POWERS[power]} ${owner.name}: ${who}`,
        power === "change"
          ? "Give other accounts no more than the actions that pulling or pushing takes."
          : "Take out what is not meant.",
        { ...evidence, principals: sharing.principals },
      );
    }
    case "service":
      return opinionOfService(owner, sharing, evidence);
  }
}

function opinionOfEverybody(
  { name }: PolicyOwner,
  { statement, power, narrowing }: Sharing & { readonly with: "everybody" },
  evidence: Evidence,
): Opinion {
  const keys = narrowing.keys.join(", ");
  const all = { ...evidence, narrowedBy: narrowing.keys };
  if (narrowing.by === "nothing")
    return problem(
      `${statement}: everybody with an AWS account may ${POWERS[power]} ${name}`,
      "Name accounts as principals (arn:aws:iam::<account>:root), or add a condition on aws:PrincipalOrgID.",
      all,
    );
  if (narrowing.by === "where")
    return warning(
      `${statement}: whoever comes by ${keys} may ${POWERS[power]} ${name}, of whatever account`,
      "Add a condition on aws:PrincipalOrgID, or name accounts as principals.",
      all,
    );
  const say = power === "change" ? problem : warning;
  const remedy = "Take out what is not meant.";
  return say(`${statement}: whoever ${keys} lets in may ${POWERS[power]} ${name}`, remedy, all);
}

function opinionOfService(
  { name, account }: PolicyOwner,
  { statement, power, principals, narrowing }: Sharing & { readonly with: "service" },
  evidence: Evidence,
): Opinion {
  const who = principals.join(", ");
  const all = { ...evidence, principals, narrowedBy: narrowing.keys };
  if (narrowing.by === "who")
    return fine(
      `${statement}: ${who} may ${POWERS[power]} ${name}, narrowed by ${narrowing.keys.join(", ")}`,
      all,
    );
  return warning(
    `${statement}: ${who} may ${POWERS[power]} ${name} on behalf of any account`,
    `Add a condition on aws:SourceArn or aws:SourceAccount (${account}).`,
    all,
  );
}
