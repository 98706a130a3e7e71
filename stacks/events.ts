import type { ForwardingRule } from "@tallyman/domain/registry/forwarding-rules";
import type { Deployment } from "./deployment.ts";
import { declaredAccounts } from "./deployment.ts";
import { BUS_NAME } from "./names.ts";
import { allowRuleToSend, type ConsumerQueues } from "./queues.ts";

/** A day, EventBridge's longest: a queue that cannot be reached for an hour loses nothing. */
const RETRY = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

/** The hub's bus, and who may put events on it: an organization's accounts, or the declared ones. */
export function createBus(deployment: Deployment): sst.aws.Bus {
  const bus = new sst.aws.Bus("Bus", { transform: { bus: { name: BUS_NAME } } });
  const { organization, registries } = deployment;
  const roots = declaredAccounts(registries).map((account) => `arn:aws:iam::${account}:root`);
  const senders = organization
    ? { Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": organization } } }
    : { Principal: { AWS: roots } };
  new aws.cloudwatch.EventBusPolicy("Bus", {
    eventBusName: bus.name,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        { Sid: "Members", Effect: "Allow", Action: "events:PutEvents", Resource: bus.arn, ...senders },
      ],
    }),
  });
  return bus;
}

export type Pattern = { readonly source: readonly string[]; readonly "detail-type": readonly string[] };

/**
 * Routes what matches `pattern` into the consumer's queue; what cannot be delivered lies in its dead letters.
 * A rule of our own: `bus.subscribeQueue` would let SNS, S3 and every rule of every account send to the queue.
 */
export function route(
  bus: sst.aws.Bus,
  pattern: Pattern,
  { name, queue, deadLetters }: ConsumerQueues,
  state?: ForwardingRule["state"],
): void {
  const rule = new aws.cloudwatch.EventRule(name, {
    eventBusName: bus.name,
    eventPattern: JSON.stringify(pattern),
    ...(state && { state }),
  });
  const policies = [
    allowRuleToSend(`${name}Queue`, queue.arn, rule.arn),
    allowRuleToSend(`${name}DeadLetters`, deadLetters.arn, rule.arn),
  ];
  new aws.cloudwatch.EventTarget(
    name,
    {
      eventBusName: bus.name,
      rule: rule.name,
      arn: queue.arn,
      retryPolicy: RETRY,
      deadLetterConfig: { arn: deadLetters.arn },
    },
    { dependsOn: policies },
  );
}
