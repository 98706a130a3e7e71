import type {
  RegistryCheck,
  RegistryRecordStore,
  RegistryRun,
  RegistryTotals,
} from "@tallyman/domain/registry/registry-records";
import * as z from "@tallyman/domain/zod";
import { registryKey } from "./layout.ts";
import type { Table } from "./table.ts";

const text = z.string();
const maybeText = z.exactOptional(text);
const number = z.number();
const registry = { account: text, region: text };
const version = z.int().check(z.positive());

const StoredRun: z.ZodMiniType<RegistryRun> = z.lazy(() =>
  z.object({
    ...registry,
    run: text,
    kind: z.enum(["all", "changed"]),
    startedAt: text,
    listedAt: maybeText,
    repositories: z.exactOptional(number),
    completedAt: maybeText,
    lastCompletedAt: maybeText,
    lastError: maybeText,
    lastErrorAt: maybeText,
    gaveUp: z.exactOptional(z.object({ at: text, repository: text, reason: text })),
    owedSince: maybeText,
    version,
  }),
);

const StoredTotals: z.ZodMiniType<RegistryTotals> = z.lazy(() =>
  z.object({
    ...registry,
    asOf: text,
    repositories: number,
    images: number,
    tags: number,
    openViolations: number,
    billedBytes: number,
    archivedBytes: number,
    sharedBytes: number,
    imagesOfUnknownSize: number,
    byResourceTag: z.record(
      text,
      z.object({
        repositories: number,
        images: number,
        billedBytes: number,
        archivedBytes: z.exactOptional(number),
      }),
    ),
    tagKeysLeftOut: z.exactOptional(z.array(text)),
    version,
  }),
);

const CheckName = z.enum(["reachable", "reader-role", "writer-role", "exclusion", "forwarding"]);

const StoredCheck: z.ZodMiniType<RegistryCheck> = z.lazy(() =>
  z.object({
    ...registry,
    check: text,
    checkedAt: text,
    findings: z.array(
      z.object({
        check: CheckName,
        ok: z.boolean(),
        reason: text,
        remedy: maybeText,
        blockedBy: z.exactOptional(CheckName),
      }),
    ),
    version,
  }),
);

/** What is known of each registry as a whole, in three items of one partition. */
export function dynamoRegistryRecords(table: Table): RegistryRecordStore {
  return {
    findRun: (of) => table.get(registryKey(of, "RUN"), StoredRun),
    putRun: (run) => table.putFenced({ ...run, ...registryKey(run, "RUN") }),
    findTotals: (of) => table.get(registryKey(of, "TOTALS"), StoredTotals),
    putTotals: (totals) => table.putFenced({ ...totals, ...registryKey(totals, "TOTALS") }),
    findCheck: (of) => table.get(registryKey(of, "CHECK"), StoredCheck),
    putCheck: (check) => table.putFenced({ ...check, ...registryKey(check, "CHECK") }),
  };
}
