import * as z from "zod";

/** What a version of a function is made of, and how it runs. Fields are named as the API names them. */
export const Configuration = z.object({
  Description: z.string(),
  Role: z.string(),
  /** Seconds. */
  Timeout: z.number(),
  /** MiB. */
  MemorySize: z.number(),
  EphemeralStorage: z.object({ Size: z.number() }),
  Architectures: z.array(z.string()),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
  ImageConfig: z
    .object({
      EntryPoint: z.array(z.string()).optional(),
      Command: z.array(z.string()).optional(),
      WorkingDirectory: z.string().optional(),
    })
    .optional(),
});
export type Configuration = z.infer<typeof Configuration>;

/** Which image, as it was named and as it was resolved then: what the tag points at later does not matter. */
export const Code = z.object({
  imageUri: z.string(),
  resolvedImageUri: z.string(),
  /** `sha256:<hex>` of the image. */
  digest: z.string(),
});
export type Code = z.infer<typeof Code>;

const Version = z.object({
  /** `$LATEST`, or a number that is never used a second time. */
  version: z.string(),
  configuration: Configuration,
  code: Code,
  /** ISO 8601, by the cloud's clock. */
  lastModified: z.string(),
  revisionId: z.string(),
});
export type Version = z.infer<typeof Version>;

const Alias = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  /** A second version and the share of invocations that it gets. */
  weights: z.record(z.string(), z.number()).optional(),
  revisionId: z.string(),
});
export type Alias = z.infer<typeof Alias>;

/** One container-image function. */
export const LambdaFunction = z.object({
  account: z.string(),
  region: z.string(),
  name: z.string(),
  latest: Version,
  /** Published ones, oldest first. */
  versions: z.array(Version),
  /** How many have ever been published. */
  published: z.number(),
  aliases: z.array(Alias),
  tags: z.record(z.string(), z.string()),
});
export type LambdaFunction = z.infer<typeof LambdaFunction>;

export function functionArn({
  account,
  region,
  name,
}: Pick<LambdaFunction, "account" | "region" | "name">): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}
