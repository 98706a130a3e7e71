import * as z from "zod";
import type { Mapping } from "../mappings/mapping.ts";
import { readInputs } from "./read-inputs.ts";
import type { Topology } from "./topology.ts";
import { TopologyError } from "./topology-error.ts";

/** Lambda's own limits; batches of more than ten would need a batching window and are not used. */
const MappingInputs = z.object({
  eventSourceArn: z.string().startsWith("arn:aws:sqs:", "only queues are event sources here"),
  functionName: z.string(),
  batchSize: z.number().int().min(1).max(10).default(10),
  maximumBatchingWindowInSeconds: z.number().int().min(0).max(300).default(0),
  functionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  scalingConfig: z.object({ maximumConcurrency: z.number().int().min(2).max(1000).optional() }).optional(),
  enabled: z.boolean().default(true),
});

const FunctionRole = z.object({ name: z.string().optional(), role: z.string() });

/** Every enabled event source mapping, with the role that polls for it. */
export function mappingsOf(topology: Topology): readonly Mapping[] {
  const functions = readInputs(topology, "aws:lambda/function:Function", FunctionRole);
  const read = readInputs(topology, "aws:lambda/eventSourceMapping:EventSourceMapping", MappingInputs);
  return read
    .filter(({ inputs }) => inputs.enabled)
    .map(({ inputs, logicalName, account, region, stack }) => {
      const name = inputs.functionName.slice(inputs.functionName.lastIndexOf(":") + 1);
      const target = functions.find(
        (one) =>
          one.account === account && one.region === region && (one.inputs.name ?? one.logicalName) === name,
      );
      if (!target)
        throw new TopologyError([`${stack}: ${logicalName} names the function ${name}, which is not there`]);
      return {
        name: logicalName,
        queueArn: inputs.eventSourceArn,
        functionArn: `arn:aws:lambda:${region}:${account}:function:${name}`,
        functionName: name,
        roleArn: target.inputs.role,
        region,
        batchSize: inputs.batchSize,
        batchingWindow: inputs.maximumBatchingWindowInSeconds,
        reportsItemFailures: inputs.functionResponseTypes.length > 0,
        maximumConcurrency: inputs.scalingConfig?.maximumConcurrency,
      };
    });
}
