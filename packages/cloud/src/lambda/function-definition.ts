import { join } from "node:path";
import * as z from "zod";

/** One function as the cloud runs it. Sizes in MiB, times in seconds, paths absolute. */
export type FunctionDefinition = {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly roleArn: string;
  /** The module that is loaded, and what it must export. */
  readonly file: string;
  readonly handler: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly logFormat: "JSON" | "Text";
  /** From `reservedConcurrentExecutions`; undefined: none reserved. */
  readonly reservedConcurrency: number | undefined;
};

const Inputs = z.object({
  name: z.string().optional(),
  bundle: z.string(),
  handler: z.string().regex(/^[\w./-]+\.\w+$/, "must be <file>.<export>"),
  role: z.string(),
  timeout: z.number().int().min(1).max(900).default(3),
  memorySize: z.number().int().min(128).max(10_240).default(128),
  environment: z.object({ variables: z.record(z.string(), z.string()).default({}) }).optional(),
  loggingConfig: z.object({ logFormat: z.enum(["JSON", "Text"]).default("Text") }).optional(),
  reservedConcurrentExecutions: z.number().int().min(-1).optional(),
});

export type FunctionPlace = {
  readonly account: string;
  readonly region: string;
  readonly bundlesRoot: string;
};

/**
 * Reads an `aws:lambda/function:Function` resource, its references already resolved. `bundlesRoot` is what the
 * resource's `bundle` folder is relative to. Throws what is wrong with it, by name.
 */
export function functionDefinition(
  logicalName: string,
  resource: unknown,
  place: FunctionPlace,
): FunctionDefinition {
  const parsed = Inputs.safeParse(resource);
  if (!parsed.success) throw new Error(`Function ${logicalName}: ${z.prettifyError(parsed.error)}`);
  const inputs = parsed.data;
  const name = inputs.name ?? logicalName;
  const dot = inputs.handler.lastIndexOf(".");
  const reserved = inputs.reservedConcurrentExecutions ?? -1;
  return {
    name,
    arn: `arn:aws:lambda:${place.region}:${place.account}:function:${name}`,
    account: place.account,
    region: place.region,
    roleArn: inputs.role,
    file: join(place.bundlesRoot, inputs.bundle, `${inputs.handler.slice(0, dot)}.mjs`),
    handler: inputs.handler,
    exportName: inputs.handler.slice(dot + 1),
    environment: inputs.environment?.variables ?? {},
    timeoutSeconds: inputs.timeout,
    memoryMegabytes: inputs.memorySize,
    logFormat: inputs.loggingConfig?.logFormat ?? "Text",
    reservedConcurrency: reserved < 0 ? undefined : reserved,
  };
}
