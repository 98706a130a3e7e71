import type { RepositoryRef } from "../registry/repository.ts";
import { arnOfRepository, askedAsRole, splitArn } from "./asked-as.ts";
import type { RoleFacts } from "./facts.ts";
import type { Opinion } from "./finding.ts";
import { type Judgement, judgeAccess } from "./judge-access.ts";
import type { Looked } from "./looked.ts";
import { opinionOf } from "./opinion-of-judgement.ts";

/** Who pulls, for what the remedy says: the managed policy that AWS made for it. */
export type PullingRole = { readonly role: RoleFacts; readonly as: "execution" | "instance" };

const MANAGED = {
  execution: "service-role/AmazonECSTaskExecutionRolePolicy",
  instance: "service-role/AmazonEC2ContainerServiceforEC2Role",
} as const;

export const LOGIN = "ecr:GetAuthorizationToken";

/**
 * What pulling from a repository takes. BatchCheckLayerAvailability belongs to it by tradition: every managed policy for
 * tasks has it, but AmazonEC2ContainerRegistryPullOnly, which suffices to pull, has not.
 */
export const PULL = [
  { action: "ecr:BatchGetImage", need: "necessary" },
  { action: "ecr:GetDownloadUrlForLayer", need: "necessary" },
  { action: "ecr:BatchCheckLayerAvailability", need: "traditional" },
] as const;

/** May the role log in to a registry? GetAuthorizationToken knows no resource: only the role's own policies count. */
export function checkLogin({ role, as }: PullingRole, region: string): Opinion {
  const judgement = judgeAccess({ ...askedAsRole(role, LOGIN, { region }), ...policiesOf(role) });
  return opinionOf(judgement, {
    allowed: `${as} role ${role.name} may ${LOGIN}`,
    refused: `${as} role ${role.name} may not ${LOGIN}, without which nothing can be pulled`,
    grant: attach(role, as),
    evidence: { role: role.arn, action: LOGIN, need: "necessary" },
  });
}

/** What is known of a repository when somebody wants to pull from it. */
export type PulledRepository = {
  readonly repository: RepositoryRef;
  /** Its policy as JSON text, if it has one. */
  readonly policy: Looked<string | undefined>;
  readonly tags?: Looked<Readonly<Record<string, string>>>;
};

/** May the role do each of the actions that a pull takes? Between accounts the repository's policy must allow it, too. */
export function checkPull(puller: PullingRole, target: PulledRepository): readonly Opinion[] {
  const { role, as } = puller;
  const { repository, policy, tags } = target;
  const resource = resourcePolicies(repository, policy);
  return PULL.map(({ action, need }) => {
    const asked = askedAsRole(role, action, { repository, ...(tags && { tags }) });
    const judgement = withTags(judgeAccess({ ...asked, ...policiesOf(role), resource }), tags);
    const where = nameOf(repository, role);
    const lacksResource = judgement.verdict === "refused" && judgement.source === "resource";
    const consequence =
      need === "necessary"
        ? ""
        : " (traditional: ECS asks for it, and a runtime that checks layers first fails without)";
    return opinionOf(judgement, {
      allowed: `${as} role ${role.name} may ${action} on ${where}`,
      refused: `${as} role ${role.name} may not ${action} on ${where}${consequence}`,
      grant: lacksResource ? letIn(role, repository) : attach(role, as),
      evidence: { role: role.arn, action, need, resource: asked.question.resource },
      refusedIs: need === "necessary" ? "problem" : "warning",
    });
  });
}

/** What depends on tags that could not be looked at is open for that reason, not because nobody could know them. */
function withTags(judgement: Judgement, tags: PulledRepository["tags"]): Judgement {
  if (judgement.verdict !== "unknown" || tags === undefined || !("unseen" in tags)) return judgement;
  const keys = judgement.keys.filter((key) => !/resourcetag\//.test(key));
  if (keys.length === judgement.keys.length) return judgement;
  return { verdict: "unknown", keys, unseen: [...judgement.unseen, tags.unseen] };
}

export function resourcePolicies(repository: RepositoryRef, policy: Looked<string | undefined>) {
  if ("seen" in policy && policy.seen === undefined) return [];
  return [{ name: `the policy of ${repository.repository}`, document: policy }];
}

function policiesOf({ identity, boundary }: RoleFacts) {
  return { identity, ...(boundary && { boundary }) };
}

function nameOf(repository: RepositoryRef, role: RoleFacts): string {
  const { account, region } = repository;
  return splitArn(role.arn).account === account
    ? repository.repository
    : `${repository.repository} of ${account}/${region}`;
}

function attach({ arn, name }: RoleFacts, as: PullingRole["as"]): string {
  const { partition } = splitArn(arn);
  return `Attach AWS's policy: aws iam attach-role-policy --role-name ${name} --policy-arn arn:${partition}:iam::aws:policy/${MANAGED[as]}`;
}

function letIn(role: RoleFacts, repository: RepositoryRef): string {
  const { account, partition } = splitArn(role.arn);
  const statement = {
    Effect: "Allow",
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Action: PULL.map(({ action }) => action),
  };
  return `Add to the policy of ${arnOfRepository(repository, partition)} (aws ecr set-repository-policy): ${JSON.stringify(statement)}`;
}
