/** In a variant every logical name is another one: nothing that runs a snapshot may know the product's names. */
export function varied(logicalName: string): string {
  return `Zz${logicalName}Qx`;
}

type Resource = { readonly name: unknown; readonly arn: unknown; readonly url: unknown };
type Class = new (name: string, args?: object) => Resource;
type Aws = {
  readonly cloudwatch: { readonly EventRule: Class; readonly EventTarget: Class };
  readonly sqs: { readonly Queue: Class; readonly QueuePolicy: Class };
};

/** One rule more than the product has: it copies every event of the hub's bus into a queue that nothing reads. */
export function addRule({ cloudwatch, sqs }: Aws, eventBusName: string): void {
  const queue = new sqs.Queue("Surplus");
  const pattern = { source: ["aws.ecr"] };
  const rule = new cloudwatch.EventRule("Surplus", { eventBusName, eventPattern: JSON.stringify(pattern) });
  const allow = { Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" };
  const policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ ...allow, Principal: { Service: "events.amazonaws.com" } }],
  });
  new sqs.QueuePolicy("Surplus", { queueUrl: queue.url, policy });
  new cloudwatch.EventTarget("Surplus", { eventBusName, rule: rule.name, arn: queue.arn });
}
