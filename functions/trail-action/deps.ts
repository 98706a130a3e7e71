import type { DeedLog } from "@tallyman/domain/history/deed";
import type { SummaryStore } from "@tallyman/domain/inventory/ports";
import type { ImageActionDeps } from "../image-action/handler.ts";

/** `queue`: of reconciles, one step of which closes what went with its repository. */
export type TrailActionDeps = ImageActionDeps & { readonly deeds: DeedLog; readonly summaries: SummaryStore };
