import type { RepositoryRef } from "../registry/repository.ts";
import { arnOfRepository, askedAsRole, askedAsService } from "./asked-as.ts";
import type { FunctionFacts, Place } from "./facts.ts";
import type { Opinion } from "./finding.ts";
import { type Judgement, judgeAccess } from "./judge-access.ts";
import type { Looked } from "./looked.ts";
import { opinionOf } from "./opinion-of-judgement.ts";
import { resourcePolicies } from "./pull-permissions.ts";

const ACTIONS = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] as const;
const LAMBDA = "lambda.amazonaws.com";

type Target = { readonly repository: RepositoryRef; readonly policy: Looked<string | undefined> };

/**
 * Whether the repository lets Lambda fetch the image, again and again while the function exists. Of the function's own account
 * Lambda writes that into the policy itself where whoever deploys may (SetRepositoryPolicy); between accounts it must be there.
 */
export function checkLambdaMayPull(fn: FunctionFacts, target: Target, place: Place): readonly Opinion[] {
  const own = target.repository.account === place.account;
  return ACTIONS.map((action) => {
    const judgement = askForLambda(action, fn, target, place);
    const refusedIs =
      own && judgement.verdict === "refused" && judgement.denials.length === 0 ? "warning" : "problem";
    const hint = own ? " (Lambda adds it where whoever deploys may ecr:SetRepositoryPolicy)" : "";
    return opinionOf(judgement, {
      allowed: `Lambda may ${action} on ${target.repository.repository}`,
      refused: `Lambda may not ${action} on ${target.repository.repository}${hint}`,
      grant: letIn(target.repository, place, { Service: LAMBDA }),
      evidence: { service: LAMBDA, action, resource: arnOfRepository(target.repository, place.partition) },
      refusedIs,
    });
  });
}

function askForLambda(
  action: string,
  fn: FunctionFacts,
  { repository, policy }: Target,
  place: Place,
): Judgement {
  const on = {
    resource: arnOfRepository(repository, place.partition),
    account: repository.account,
    sourceArn: fn.arn,
    sourceAccount: place.account,
  };
  const asked = askedAsService(LAMBDA, action, on);
  return judgeAccess({ ...asked, identity: [], resource: resourcePolicies(repository, policy) });
}

/**
 * Between accounts the repository must let the function's account in as well: whoever deploys is of it. The account as a whole
 * is asked for, since nobody knows who will deploy next.
 */
export function checkAccountMayPull(target: Target, place: Place): readonly Opinion[] {
  const { repository, policy } = target;
  if (repository.account === place.account) return [];
  const root = { arn: `arn:${place.partition}:iam::${place.account}:root`, name: "deployer", tags: {} };
  const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  return ACTIONS.map((action) => {
    const { question, known } = askedAsRole(root, action, { repository });
    const judgement = judgeAccess({
      question: { ...question, caller: { account: place.account, arn: root.arn } },
      known: { ...known, values: withoutPrincipal(known.values) },
      identity: [{ name: "whatever the account allows", document: { seen: everything } }],
      resource: resourcePolicies(repository, policy),
    });
    const named = "seen" in policy && policy.seen?.includes(place.account) === true;
    const hint = named ? " (the policy names some of it: whoever deploys must be one of them)" : "";
    return opinionOf(judgement, {
      refusedIs: named ? "warning" : "problem",
      allowed: `account ${place.account} may ${action} on ${repository.repository} of ${repository.account}`,
      refused: `account ${place.account} as a whole may not ${action} on ${repository.repository} of ${repository.account}${hint}`,
      grant: letIn(repository, place, { AWS: root.arn }),
      evidence: { principal: root.arn, action, resource: question.resource },
    });
  });
}

/** Who deploys is not known, only the account. */
function withoutPrincipal(values: Readonly<Record<string, string | readonly string[]>>) {
  const open = ["aws:principalarn", "aws:principaltype"];
  return Object.fromEntries(Object.entries(values).filter(([key]) => !open.includes(key)));
}

function letIn(repository: RepositoryRef, place: Place, Principal: Readonly<Record<string, string>>): string {
  const sourceArn = `arn:${place.partition}:lambda:${place.region}:${place.account}:function:*`;
  const statement = {
    Effect: "Allow",
    Principal,
    Action: ACTIONS,
    ...("Service" in Principal && { Condition: { StringLike: { "aws:sourceArn": sourceArn } } }),
  };
  return `Add to the policy of ${arnOfRepository(repository, place.partition)} (aws ecr set-repository-policy): ${JSON.stringify(statement)}`;
}
