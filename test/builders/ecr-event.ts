import type { Registry } from "@tallyman/domain/registry/registry";
import { aDigest } from "./digest.ts";
import { HUB } from "./registry.ts";

export type ImageEventOptions = {
  readonly registry?: Registry;
  readonly repository?: string;
  readonly digest?: string;
  readonly tag?: string;
  readonly id?: string;
};

/** `ECR Image Action` as EventBridge delivers it: `resources` is empty, an untagged push has an empty tag. */
export function anImageEvent(action: "PUSH" | "DELETE", options: ImageEventOptions = {}) {
  return {
    ...envelope(options.registry ?? HUB, options.id),
    "detail-type": "ECR Image Action",
    resources: [],
    detail: {
      result: "SUCCESS",
      "repository-name": options.repository ?? "prod/web",
      "image-digest": options.digest ?? aDigest("image"),
      "action-type": action,
      "image-tag": options.tag ?? "",
      "manifest-media-type": "application/vnd.oci.image.manifest.v1+json",
      "artifact-media-type": "application/vnd.oci.image.config.v1+json",
    },
  };
}

/** `ECR Replication Action`: `registry` is the destination, where it is emitted. */
export function aReplicationEvent(
  options: ImageEventOptions & { readonly source?: Registry; readonly result?: "SUCCESS" | "FAILED" } = {},
) {
  const registry = options.registry ?? { ...HUB, region: "us-west-2" };
  const repository = options.repository ?? "prod/web";
  const source = options.source ?? HUB;
  return {
    ...envelope(registry, options.id),
    "detail-type": "ECR Replication Action",
    resources: [`arn:aws:ecr:${registry.region}:${registry.account}:repository/${repository}`],
    detail: {
      result: options.result ?? "SUCCESS",
      "repository-name": repository,
      "image-digest": options.digest ?? aDigest("image"),
      "source-account": source.account,
      "action-type": "REPLICATE",
      "source-region": source.region,
      "image-tag": options.tag ?? "",
    },
  };
}

function envelope({ account, region }: Registry, id = "13cde686-328b-6117-af20-0e5566167482") {
  return { version: "0", id, source: "aws.ecr", account, region, time: "2026-11-16T01:54:34Z" };
}
