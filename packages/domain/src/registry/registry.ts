import * as z from "../zod.ts";

/** An AWS account id: twelve digits. */
export const AccountId = z.string().check(z.regex(/^\d{12}$/, "an AWS account id has twelve digits"));
export type AccountId = z.infer<typeof AccountId>;

/** An AWS Region name such as `us-east-1`. */
export const Region = z.string().check(z.regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "not an AWS Region name"));
export type Region = z.infer<typeof Region>;

/** One private ECR registry: ECR has exactly one per account and Region. */
export const Registry = z.object({ account: AccountId, region: Region });
export type Registry = z.infer<typeof Registry>;

/** `111122223333/us-east-1`: how a registry is written in messages, keys and answers. */
export function registryName(registry: Registry): string {
  return `${registry.account}/${registry.region}`;
}

/** What the stacks upload beside the policy: the registries that were declared when the hub was deployed. */
export const DeclaredRegistries = z.lazy(() =>
  z.strictObject({
    registries: z.array(Registry).check(z.minLength(1), z.refine(eachOnce, "a registry stands twice")),
  }),
);

/** Reads that document; throws ZodError with every problem. */
export function parseDeclaredRegistries(document: unknown): readonly Registry[] {
  return DeclaredRegistries.parse(document).registries;
}

function eachOnce(registries: readonly Registry[]): boolean {
  return new Set(registries.map(registryName)).size === registries.length;
}
