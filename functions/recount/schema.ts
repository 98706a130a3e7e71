import { AccountId, Region } from "@tallyman/domain/registry/registry";
import { RepositoryName } from "@tallyman/domain/registry/repository";
import * as z from "@tallyman/domain/zod";

/** What functions send after they recorded something of a repository. */
export const RecountMessage = z.strictObject({
  account: AccountId,
  region: Region,
  repository: RepositoryName,
  heardAt: z.iso.datetime(),
});
