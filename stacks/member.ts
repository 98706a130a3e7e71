import { type Deployment, isFirstOfAccount } from "./deployment.ts";
import { forwardEvents } from "./forwarding.ts";
import { createMemberRoles } from "./member-roles.ts";
import { READER_ROLE, roleArn } from "./names.ts";
import { secureByDefault } from "./security.ts";

/** What stands in every watched registry: its events are forwarded, its roles may be assumed, our reads are no pulls. */
export async function member(deployment: Deployment): Promise<void> {
  secureByDefault();
  const { at } = deployment;
  forwardEvents(deployment);
  const roles = isFirstOfAccount(deployment) ? await createMemberRoles(deployment) : [];
  // ECR has no check of the principal's existence that waits for us: the role must stand first where this stack makes it.
  new aws.ecr.PullTimeUpdateExclusion(
    "Reader",
    { principalArn: roleArn(at.account, READER_ROLE) },
    { dependsOn: [...roles] },
  );
}
