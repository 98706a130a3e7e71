import { type Brake, INITIAL_BRAKE } from "@tallyman/domain/brake/brake";
import type { BrakeStore } from "@tallyman/domain/inventory/ports";
import * as z from "@tallyman/domain/zod";
import { BRAKE_KEY } from "./layout.ts";
import type { Table } from "./table.ts";

const text = z.string();

const StoredBrake: z.ZodMiniType<Brake> = z.lazy(() =>
  z.object({
    on: z.boolean(),
    reason: text,
    by: text,
    at: text,
    version: z.int().check(z.positive()),
  }),
);

/** The one item that stops every write to a registry. Never written means on; a failed read throws. */
export function dynamoBrakeStore(table: Table): BrakeStore {
  return {
    readBrake: async () => (await table.get(BRAKE_KEY, StoredBrake)) ?? INITIAL_BRAKE,
    putBrake: (brake) => table.putFenced({ ...brake, ...BRAKE_KEY }),
  };
}
