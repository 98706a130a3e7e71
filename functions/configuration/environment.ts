import * as z from "@tallyman/domain/zod";

// zod would compile a parser for each schema at its first use. A function parses a few small objects in each invocation,
// and a cold start should not pay for compiling all of them.
z.config({ jitless: true });

/** Variables that cannot be used as they stand. Names and what was expected; values are not quoted, some are secret. */
export class EnvironmentError extends Error {
  readonly code = "ENVIRONMENT_INVALID";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the environment is incomplete: ${problems.join("; ")}. The stacks set it; deploy them again`);
    this.name = "EnvironmentError";
    this.problems = problems;
  }
}

const url = z.url();
const text = z.string().check(z.minLength(1));

/** A variable that holds JSON, and what the JSON must be. */
export function json<Schema extends z.ZodMiniType>(schema: Schema) {
  const parsed = z.transform((value: string, context) => {
    try {
      return JSON.parse(value);
    } catch {
      context.issues.push({ code: "custom", message: "not JSON", input: value });
      return z.NEVER;
    }
  });
  return z.pipe(z.pipe(z.string(), parsed), schema);
}

/** The variables that the stacks set, each once; a function's config picks those it reads. */
export const VARIABLES = {
  /** Lambda sets it. */
  AWS_REGION: text,
  /** Where AWS is, if it is not AWS: the embedded cloud. */
  AWS_ENDPOINT_URL: z.optional(url),
  TABLE_NAME: text,
  BUCKET_NAME: text,
  POLICY_KEY: text,
  /** The object that holds the declared registries: they can be more than the 4 KB of all variables together. */
  REGISTRIES_KEY: text,
  NOTICE_QUEUE_URL: url,
  REPLICA_CHECK_QUEUE_URL: url,
  RECONCILE_QUEUE_URL: url,
  RECOUNT_QUEUE_URL: url,
  USAGE_QUEUE_URL: url,
  READER_ROLE_NAME: text,
  WRITER_ROLE_NAME: text,
  EXTERNAL_ID: text,
  /** Where members forward their events to. */
  HUB_BUS_ARN: text,
} as const;

/** What every function needs that reads registries, keeps the inventory and tells people. */
export const RegistryReading = z.object({
  AWS_REGION: VARIABLES.AWS_REGION,
  AWS_ENDPOINT_URL: VARIABLES.AWS_ENDPOINT_URL,
  TABLE_NAME: VARIABLES.TABLE_NAME,
  BUCKET_NAME: VARIABLES.BUCKET_NAME,
  POLICY_KEY: VARIABLES.POLICY_KEY,
  REGISTRIES_KEY: VARIABLES.REGISTRIES_KEY,
  NOTICE_QUEUE_URL: VARIABLES.NOTICE_QUEUE_URL,
  READER_ROLE_NAME: VARIABLES.READER_ROLE_NAME,
  EXTERNAL_ID: VARIABLES.EXTERNAL_ID,
});
export type RegistryReading = Readonly<z.infer<typeof RegistryReading>>;

/** Reads what `schema` names, frozen; throws an EnvironmentError with every problem. */
export function readEnvironment<Schema extends z.ZodMiniType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): Readonly<z.output<Schema>> {
  const result = schema.safeParse(environment);
  if (result.success) return Object.freeze(result.data);
  throw new EnvironmentError(result.error.issues.map((it) => `${it.path.join(".")}: ${it.message}`));
}
