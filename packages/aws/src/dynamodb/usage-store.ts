import { USAGE_KINDS, type UsageRecord } from "@tallyman/domain/usage/evidence";
import type { UsageStore } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import { forgottenAt, usageKey, usagePk } from "./layout.ts";
import { records, type Table } from "./table.ts";

const text = z.string();
const maybeText = z.exactOptional(text);

const Subject = z.union([
  z.object({ digest: text }),
  z.object({ repository: z.object({ account: text, region: text, repository: text }), tag: text }),
]);

const StoredUsage: z.ZodMiniType<UsageRecord> = z.object({
  subject: Subject,
  source: text,
  scope: text,
  account: text,
  region: maybeText,
  cluster: text,
  service: text,
  kinds: z.array(z.enum(USAGE_KINDS)),
  image: text,
  firstSeen: text,
  seenAt: maybeText,
  sequence: z.exactOptional(z.int()),
  endedAt: maybeText,
  forgetAt: maybeText,
  version: z.int().check(z.positive()),
});

/** Uses, each an item under what it uses; those that may be forgotten go by themselves. */
export function dynamoUsageStore(table: Table): UsageStore {
  return {
    findUsage: (key) => table.get(usageKey(key), StoredUsage),
    putUsage: (record) => table.putFenced({ ...record, ...usageKey(record), ...forgottenAt(record) }),
    listUsage: (subject) =>
      records(table.query({ partition: usagePk(subject), consistent: true }, StoredUsage)),
  };
}
