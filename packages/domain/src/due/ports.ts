import type { DueItem } from "./due-item.ts";

/** Where an item goes when its time has come: the queue of its kind. */
export type DueQueue = { send(item: DueItem): Promise<void> };
