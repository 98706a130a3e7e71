/** In a variant every logical name is another one: nothing that runs a snapshot may know the product's names. */
export function varied(logicalName: string): string {
  return `Zz${logicalName}Qx`;
}

type Aws = {
  readonly cloudwatch: {
    readonly EventRule: new (name: string, args: object) => { readonly name: unknown; readonly arn: unknown };
  } & {
    readonly EventTarget: new (name: string, args: object) => unknown;
  };
  readonly sqs: { readonly Queue: new (name: string) => { readonly arn: unknown } };
};

/** One rule more than the product has: it copies every event of the hub's bus into a queue that nothing reads. */
export function addRule(aws: Aws): void {
  const queue = new aws.sqs.Queue("Surplus");
  const rule = new aws.cloudwatch.EventRule("Surplus", {
    eventBusName: "tallyman",
    eventPattern: JSON.stringify({ source: ["aws.ecr"] }),
  });
  new aws.cloudwatch.EventTarget("Surplus", { eventBusName: "tallyman", rule: rule.name, arn: queue.arn });
}
