import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  type ECRClient,
  PutLifecyclePolicyCommand,
  type TargetStorageClass,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { OCI_MANIFEST, type PushedManifest, type RegistryClient } from "../registry-client.ts";

type ImageId = { readonly imageTag: string } | { readonly imageDigest: string };

type OciInit = { readonly headers?: Record<string, string>; readonly body?: Buffer };

/** A repository of its own for one step, and what people and pipelines do there. */
export type Place = {
  readonly repository: string;
  readonly ecr: ECRClient;
  readonly client: RegistryClient;
  push(tag: string | undefined, seed: string): Promise<PushedManifest>;
  /** With two children that have no tags. */
  pushIndex(tag: string): Promise<{ index: PushedManifest; children: readonly PushedManifest[] }>;
  pushArtifact(more: object): Promise<PushedManifest>;
  move(id: ImageId, targetStorageClass: TargetStorageClass): Promise<string>;
  /** How many images or tags went. */
  remove(...imageIds: readonly ImageId[]): Promise<number>;
  /** Sets the lifecycle policy of these rules, in the order of their priority; they expire unless they say otherwise. */
  govern(...rules: readonly (object | readonly [selection: object, action: object])[]): Promise<string>;
  /** A request under this repository's `/v2/` path. */
  v2(method: string, path: string, init?: OciInit): Promise<Response>;
};

export type Access = { readonly ecr: ECRClient; readonly client: RegistryClient };

export async function openPlace(access: Access, repositoryName: string, settings: object): Promise<void> {
  await access.ecr.send(new CreateRepositoryCommand({ repositoryName, ...settings }));
}

export function placeAt({ ecr, client }: Access, repositoryName: string): Place {
  const repository = repositoryName;
  const push = (tag: string | undefined, seed: string) =>
    client.pushImage(repository, tag, `${seed} of ${repository}`);
  return {
    repository,
    ecr,
    client,
    push,
    async pushIndex(tag) {
      const children = [await push(undefined, "amd64"), await push(undefined, "arm64")];
      return { children, index: await client.pushIndex(repository, tag, children) };
    },
    pushArtifact: (more) => pushArtifact(client, repository, more),
    async move(imageId, targetStorageClass) {
      const input = { repositoryName, imageId, targetStorageClass };
      return (await ecr.send(new UpdateImageStorageClassCommand(input))).imageStatus ?? "";
    },
    async remove(...imageIds) {
      const answer = await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [...imageIds] }));
      return answer.imageIds?.length ?? 0;
    },
    async govern(...rules) {
      const numbered = rules.map((rule, index) => {
        const [selection, action] = Array.isArray(rule) ? rule : [rule, { type: "expire" }];
        return { rulePriority: index + 1, description: "of these tests", selection, action };
      });
      const lifecyclePolicyText = JSON.stringify({ rules: numbered });
      await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
      return "accepted";
    },
    async v2(method, path, init) {
      return client.request(method, `/v2/${repository}/${path}`, init);
    },
  };
}

async function pushArtifact(client: RegistryClient, repository: string, more: object) {
  const blob = Buffer.from("{}");
  const config = { mediaType: "application/vnd.example.config", digest: "", size: blob.byteLength };
  config.digest = await client.pushBlob(repository, blob);
  const artifactType = "application/vnd.example.signature";
  return client.pushManifest(repository, undefined, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config,
    layers: [config],
    ...more,
  });
}

/** What was answered, or the name of what an AWS call was refused with, or the status of a refused push. */
export async function orRefusal(call: Promise<unknown>): Promise<string> {
  try {
    const answer = await call;
    return typeof answer === "string" ? answer : "accepted";
  } catch (error) {
    const status = /^expected \d+, got (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    return status ?? (error instanceof Error ? error.name : String(error));
  }
}
