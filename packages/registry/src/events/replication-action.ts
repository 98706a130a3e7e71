import type { Registry } from "@tallyman/domain/registry/registry";
import { repositoryArn } from "@tallyman/domain/registry/repository";
import type { EcrEvent } from "../ecr-event.ts";

type Replicated = {
  readonly repository: string;
  readonly digest: string;
  /** `""` where the image arrived without a tag; the event's schema requires the member. */
  readonly tag: string;
  readonly source: Registry;
  readonly destination: Registry;
  readonly time: Date;
};

/** An image arrived by replication. Emitted in the destination, instead of a PUSH; the source hears nothing. */
export function replicated(copy: Replicated): EcrEvent {
  return replicationAction(copy, "SUCCESS");
}

/** E9: an image did not arrive. The destination hears of it; why, says the image's status at the source. */
export function replicationFailed(copy: Replicated): EcrEvent {
  return replicationAction(copy, "FAILED");
}

function replicationAction(copy: Replicated, result: "SUCCESS" | "FAILED"): EcrEvent {
  return {
    ...copy.destination,
    detailType: "ECR Replication Action",
    time: copy.time,
    resources: [repositoryArn({ ...copy.destination, repository: copy.repository })],
    detail: {
      result,
      "repository-name": copy.repository,
      "image-digest": copy.digest,
      "source-account": copy.source.account,
      "action-type": "REPLICATE",
      "source-region": copy.source.region,
      "image-tag": copy.tag,
    },
  };
}
