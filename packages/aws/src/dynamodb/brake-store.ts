import { INITIAL_BRAKE } from "@tallyman/domain/brake/brake";
import type { BrakeStore } from "@tallyman/domain/inventory/ports";
import { BRAKE_KEY } from "./layout.ts";
import { StoredBrake } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** The one item that stops every write to a registry. Never written means on; a failed read throws. */
export function dynamoBrakeStore(table: Table): BrakeStore {
  return {
    readBrake: async () => (await table.get(BRAKE_KEY, StoredBrake)) ?? INITIAL_BRAKE,
    putBrake: (brake) => table.putFenced({ ...brake, ...BRAKE_KEY }),
  };
}
