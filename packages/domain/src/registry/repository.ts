import * as z from "../zod.ts";
import type { Registry } from "./registry.ts";

/** ECR's repository name grammar (ecr 2015-09-21 model, `RepositoryName`): 2 to 256 characters. */
export const RepositoryName = z
  .string()
  .check(
    z.minLength(2),
    z.maxLength(256),
    z.regex(
      /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/,
      "not an ECR repository name",
    ),
  );
export type RepositoryName = z.infer<typeof RepositoryName>;

/** One repository of one registry. */
export type RepositoryRef = Registry & { readonly repository: string };

/** `arn:aws:ecr:<region>:<account>:repository/<name>` */
export function repositoryArn(ref: RepositoryRef): string {
  return `arn:aws:ecr:${ref.region}:${ref.account}:repository/${ref.repository}`;
}

export function sameRepository(a: RepositoryRef, b: RepositoryRef): boolean {
  return a.account === b.account && a.region === b.region && a.repository === b.repository;
}
