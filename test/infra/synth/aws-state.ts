import { createHash } from "node:crypto";

export type Place = { readonly account: string; readonly region: string };
type Inputs = Readonly<Record<string, unknown>>;

/**
 * What AWS would answer when a resource has been created: its ARN, URL and id, invented by type. Names are the snapshot's
 * logical names unless the stacks fix them, so that references need no translation afterwards.
 */
export function inventState(type: string, name: string, inputs: Inputs, { account, region }: Place): Inputs {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  switch (type) {
    case "aws:sqs/queue:Queue": {
      const url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
      return { id: url, url, name, arn: arn("sqs", name) };
    }
    case "aws:dynamodb/table:Table":
      return { id: name, name, arn: arn("dynamodb", `table/${name}`) };
    case "aws:s3/bucket:Bucket":
      return {
        id: name,
        bucket: name,
        arn: `arn:aws:s3:::${name}`,
        bucketDomainName: `${name}.s3.amazonaws.com`,
      };
    case "aws:lambda/function:Function":
      return { id: name, name, arn: arn("lambda", `function:${name}`) };
    case "aws:iam/role:Role":
      return { id: name, name, arn: `arn:aws:iam::${account}:role/${name}` };
    case "aws:cloudwatch/eventBus:EventBus":
      return { id: name, name, arn: arn("events", `event-bus/${name}`) };
    case "aws:cloudwatch/eventRule:EventRule": {
      const bus = inputs["eventBusName"];
      const path = bus === undefined || bus === "default" ? name : `${bus}/${name}`;
      return { id: name, name, arn: arn("events", `rule/${path}`) };
    }
    case "aws:cloudwatch/logGroup:LogGroup":
      return { id: name, name, arn: arn("logs", `log-group:${name}`) };
    case "aws:ssm/parameter:Parameter":
      return { id: name, name, arn: arn("ssm", `parameter${name}`) };
    case "aws:scheduler/schedule:Schedule":
      return { id: name, name, arn: arn("scheduler", `schedule/default/${name}`) };
    case "aws:apigatewayv2/api:Api":
      return {
        id: name,
        name,
        apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`,
        executionArn: arn("execute-api", name),
      };
    case "random:index/randomBytes:RandomBytes":
      return { id: name, base64: createHash("sha256").update(name).digest("base64") };
    default:
      return { id: name };
  }
}

/** The input that holds a resource's physical name, by type. */
const NAME_INPUT: Readonly<Record<string, string>> = {
  "aws:s3/bucket:Bucket": "bucket",
  "aws:cloudwatch/eventBus:EventBus": "name",
  "aws:cloudwatch/eventRule:EventRule": "name",
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
  "aws:dynamodb/table:Table": "name",
  "aws:iam/role:Role": "name",
  "aws:lambda/function:Function": "name",
  "aws:scheduler/schedule:Schedule": "name",
  "aws:sqs/queue:Queue": "name",
  "aws:ssm/parameter:Parameter": "name",
  "aws:apigatewayv2/api:Api": "name",
  "aws:apigatewayv2/stage:Stage": "name",
};

/** Names that SST makes up: app, stage, name and eight random letters. */
const MADE_UP = /-[a-z]{8}(\.fifo)?$/;

/** The physical name a resource gets in the snapshot: the stacks' own where they fix one, else the logical name. */
export function physicalName(type: string, logicalName: string, inputs: Inputs): string {
  const given = inputs[NAME_INPUT[type] ?? ""];
  if (type === "aws:cloudwatch/logGroup:LogGroup" && typeof given === "string") {
    return given.slice(0, given.lastIndexOf("/") + 1) + logicalName.replace(/LogGroup$|AccessLog$/, "");
  }
  if (typeof given === "string" && !MADE_UP.test(given)) return given;
  if (type === "aws:s3/bucket:Bucket") return logicalName.toLowerCase();
  return type === "aws:sqs/queue:Queue" && inputs["fifoQueue"] === true ? `${logicalName}.fifo` : logicalName;
}

/** `inputs` with the snapshot's physical name, for types that have one. */
export function withPhysicalName(type: string, name: string, inputs: Inputs): Inputs {
  const input = NAME_INPUT[type];
  return input === undefined ? inputs : { ...inputs, [input]: name };
}
