import { askedAsService, splitArn } from "./asked-as.ts";
import type { Place, RoleFacts } from "./facts.ts";
import type { Opinion } from "./finding.ts";
import { judgeAccess } from "./judge-access.ts";
import { opinionOf } from "./opinion-of-judgement.ts";

/** Who must be able to assume the role, and for what it then acts (`aws:SourceArn`, `aws:SourceAccount`). */
export type TrustedService = "ecs-tasks" | "ec2" | "lambda";

/** Whether the role's trust policy lets the service assume it. */
export function checkTrust(role: RoleFacts, service: TrustedService, place: Place): Opinion {
  const { account, partition, region } = place;
  const principals = principalsOf(service, partition);
  // ECS names no cluster and no task: "arn:aws:ecs:<region>:<account>:*" is what it documents to be compared with.
  const sourceArn = service === "ecs-tasks" ? `arn:${partition}:ecs:${region}:${account}:*` : undefined;
  const judgements = principals.map((principal) => {
    const on = { resource: role.arn, account: splitArn(role.arn).account, sourceAccount: account };
    const asked = askedAsService(principal, "sts:AssumeRole", { ...on, ...(sourceArn && { sourceArn }) });
    return judgeAccess({ ...asked, identity: [], trust: role.trust });
  });
  const judgement = judgements.find(({ verdict }) => verdict === "allowed") ?? judgements[0];
  const [principal = ""] = principals;
  if (judgement === undefined) throw new TypeError("no principal to ask about");
  return opinionOf(judgement, {
    allowed: `role ${role.name} may be assumed by ${principal}`,
    refused: `role ${role.name} may not be assumed by ${principal}`,
    grant: `Let it in (aws iam update-assume-role-policy --role-name ${role.name}): ${statementFor(principal)}`,
    evidence: { role: role.arn, service: principal },
  });
}

/** In China EC2's principal has had the partition's suffix, and both are in use. */
function principalsOf(service: TrustedService, partition: Place["partition"]): readonly string[] {
  const principal = `${service}.amazonaws.com`;
  return service === "ec2" && partition === "aws-cn" ? [principal, `${principal}.cn`] : [principal];
}

function statementFor(principal: string): string {
  return JSON.stringify({ Effect: "Allow", Principal: { Service: principal }, Action: "sts:AssumeRole" });
}
