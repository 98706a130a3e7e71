import * as z from "zod";
import type { Resource, Topology } from "./topology.ts";
import { TopologyError } from "./topology-error.ts";

/** A resource with its inputs in the shape that its behaviour needs. */
export type Typed<Shape> = Omit<Resource, "inputs"> & { readonly inputs: Shape };

/** All resources of a type, parsed; throws a TopologyError that names every resource of another shape. */
export function readInputs<Shape extends z.ZodType>(
  topology: Topology,
  type: string,
  shape: Shape,
): readonly Typed<z.infer<Shape>>[] {
  const problems: string[] = [];
  const read = topology.resources(type).flatMap((resource) => {
    const parsed = shape.safeParse(resource.inputs);
    if (parsed.success) return [{ ...resource, inputs: parsed.data }];
    problems.push(`${resource.stack}: ${type} ${resource.logicalName}: ${z.prettifyError(parsed.error)}`);
    return [];
  });
  if (problems.length > 0) throw new TopologyError(problems);
  return read;
}

/** The queue that a queue URL names. */
export function queueArnOfUrl(url: string): string {
  const [, region, account, name] =
    /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com\/(\d{12})\/([\w.-]+)$/.exec(url) ?? [];
  if (!region || !account || !name) throw new TopologyError([`not a queue URL: ${url}`]);
  return `arn:aws:sqs:${region}:${account}:${name}`;
}
