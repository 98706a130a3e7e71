import { DueItem } from "@tallyman/domain/due/due-item";

/** The due item, leased: its version is the one this message may work on. */
export const ReplicaCheckMessage = DueItem.extend({ kind: DueItem.shape.kind.extract(["replica-check"]) });
