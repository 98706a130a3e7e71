import type { SourceState } from "@tallyman/domain/usage/evidence";
import type { SourceStateStore } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import { sourceStateKey } from "./layout.ts";
import { records, type Table } from "./table.ts";

const text = z.string();
const maybeText = z.exactOptional(text);
const number = z.number();

const StoredState: z.ZodMiniType<SourceState> = z.object({
  source: text,
  scope: text,
  account: text,
  sequence: number,
  observedAt: maybeText,
  acceptedAt: maybeText,
  subjects: number,
  settled: number,
  writing: z.exactOptional(z.array(number)),
  understanding: z.exactOptional(number),
  suspect: z.exactOptional(
    z.object({
      sequence: number,
      observedAt: text,
      receivedAt: text,
      subjects: number,
      missing: number,
      reason: text,
      accepted: z.exactOptional(z.object({ by: text, at: text })),
    }),
  ),
  failure: z.exactOptional(z.object({ at: text, reason: text })),
  version: z.int().check(z.positive()),
});

/** What is known of each source: an item for each scope, all of a source in one partition. They are kept for ever. */
export function dynamoSourceStateStore(table: Table): SourceStateStore {
  return {
    findState: (source, scope) => table.get(sourceStateKey(source, scope), StoredState),
    putState: (state) => table.putFenced({ ...state, ...sourceStateKey(state.source, state.scope) }),
    listStates: (source) =>
      records(table.query({ partition: sourceStateKey(source, "").pk, consistent: true }, StoredState)),
  };
}
