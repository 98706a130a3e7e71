import type { AskedRun, RunEnded, RunListed, RunLog } from "@tallyman/domain/reconcile/run-log";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import { runExpiry, runKey } from "./layout.ts";
import type { Table } from "./table.ts";

const text = z.string();
const maybeText = z.exactOptional(text);
const registry = { account: text, region: text };

const Asked: z.ZodMiniType<AskedRun> = z.lazy(() =>
  z.object({
    run: text,
    by: text,
    at: text,
    registries: z.array(z.object(registry)),
    repository: maybeText,
  }),
);
const Listed: z.ZodMiniType<RunListed> = z.lazy(() =>
  z.object({ ...registry, at: text, repositories: z.number() }),
);
const Ended: z.ZodMiniType<RunEnded> = z.lazy(() =>
  z.object({
    ...registry,
    at: text,
    failed: z.number(),
    reason: maybeText,
  }),
);
const Entry = z.lazy(() =>
  z.discriminatedUnion("entry", [
    z.object({ entry: z.literal("asked"), asked: Asked }),
    z.object({ entry: z.literal("listed"), listed: Listed }),
    z.object({ entry: z.literal("ended"), ended: Ended }),
  ]),
);

/** Runs and how far they came, each in a partition of its own; they go by themselves after a month. */
export function dynamoRunLog(table: Table): RunLog {
  async function put(run: string, sk: string, item: { at: string } & Readonly<Record<string, unknown>>) {
    const { at, ...entry } = item;
    await table.putNew({ ...runKey(run, sk), ...entry, expiresAt: runExpiry(at) });
  }
  return {
    asked: (asked) => put(asked.run, "ASKED", { at: asked.at, entry: "asked", asked }),
    listed: (run, listed) => put(run, `LISTED#${of(listed)}`, { at: listed.at, entry: "listed", listed }),
    ended: (run, ended) => put(run, `ENDED#${of(ended)}`, { at: ended.at, entry: "ended", ended }),
    async findRun(run) {
      const found: z.infer<typeof Entry>[] = [];
      const all = table.query({ partition: runKey(run, "").pk, consistent: true }, Entry);
      for await (const { record } of all) found.push(record);
      if (found.length === 0) return undefined;
      const asked = found.find((it) => it.entry === "asked")?.asked;
      return {
        ...(asked && { asked }),
        listed: found.flatMap((it) => (it.entry === "listed" ? it.listed : [])),
        ended: found.flatMap((it) => (it.entry === "ended" ? it.ended : [])),
      };
    },
  };
}

function of({ account, region }: Registry): string {
  return `${account}#${region}`;
}
