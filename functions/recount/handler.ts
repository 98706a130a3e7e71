import { type RecountDeps as CountDeps, recount } from "@tallyman/domain/listing/recount";
import { registryName } from "@tallyman/domain/registry/registry";
import { type QueueHandler, queueHandler } from "@tallyman/observability/queue-handler";
import type { Telemetry } from "@tallyman/observability/telemetry";
import { RecountMessage } from "./schema.ts";

export type RecountDeps = CountDeps & { readonly telemetry: Telemetry; readonly now: () => Date };

/** A minute after something was heard of a repository: its records are counted, its listing and its summary written. */
export function createHandler(deps: RecountDeps): QueueHandler {
  return queueHandler({
    telemetry: deps.telemetry,
    schema: RecountMessage,
    ordering: "per-group",
    async onMessage({ heardAt, ...repository }) {
      const { summary } = await recount(deps, { repository, heardAt, now: deps.now() });
      const { images, tags, openViolations, billedBytes, imagesOfUnknownSize } = summary;
      const about = { registry: registryName(repository), repository: repository.repository };
      const counted = { images, tags, openViolations, billedBytes, imagesOfUnknownSize };
      deps.telemetry.log.info("repository counted", { ...about, ...counted });
    },
  });
}
