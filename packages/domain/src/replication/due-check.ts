import { Digest } from "../image/digest.ts";
import { AccountId, Region } from "../registry/registry.ts";
import { RepositoryName } from "../registry/repository.ts";
import * as z from "../zod.ts";

/** An expected copy that is to be looked for now: the replica's key and the version that this look may work on. */
export const DueCheck = z.strictObject({
  destination: z.strictObject({ account: AccountId, region: Region }),
  repository: RepositoryName,
  digest: Digest,
  /** Empty: pushed without a tag. */
  tag: z.string().check(z.maxLength(128)),
  version: z.int().check(z.positive()),
});
export type DueCheck = z.infer<typeof DueCheck>;

/** On their way to whoever looks. */
export type DueCheckQueue = { send(check: DueCheck): Promise<void> };
