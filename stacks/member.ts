import { notEmpty } from "./alarms.ts";
import { type Deployment, isFirstOfAccount } from "./deployment.ts";
import { createMemberRoles } from "./member-roles.ts";
import { BUS_NAME, READER_ROLE, roleArn } from "./names.ts";
import { allowRuleToSend, createDeadLetters } from "./queues.ts";
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

/** ECR publishes on the account's default bus; a target on another bus is reached with a role. */
function forwardEvents({ hub }: Deployment): void {
  const bus = sst.aws.Bus.get("Default", "default");
  const hubBusArn = `arn:aws:events:${hub.region}:${hub.account}:event-bus/${BUS_NAME}`;
  const deadLetters = createDeadLetters("ForwardDeadLetters");
  notEmpty("ForwardDeadLetters", deadLetters, []);
  const rule = new aws.cloudwatch.EventRule("Forward", {
    eventBusName: bus.name,
    eventPattern: JSON.stringify({
      source: ["aws.ecr"],
      "detail-type": ["ECR Image Action", "ECR Referrer Action", "ECR Replication Action"],
    }),
  });
  const policy = allowRuleToSend("ForwardDeadLetters", deadLetters.arn, rule.arn);
  new aws.cloudwatch.EventTarget(
    "Forward",
    {
      eventBusName: bus.name,
      rule: rule.name,
      arn: hubBusArn,
      roleArn: forwardRole(hubBusArn).arn,
      retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: deadLetters.arn },
    },
    { dependsOn: [policy] },
  );
}

function forwardRole(hubBusArn: string): aws.iam.Role {
  const trust = { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sts:AssumeRole" };
  const put = { Effect: "Allow", Action: "events:PutEvents", Resource: hubBusArn };
  return new aws.iam.Role("ForwardRole", {
    assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    inlinePolicies: [{ name: "inline", policy: JSON.stringify({ Version: "2012-10-17", Statement: [put] }) }],
  });
}
