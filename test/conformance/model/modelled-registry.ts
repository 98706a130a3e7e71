import type { HttpAnswer } from "@tallyman/registry/testing/http-client";
import { clientOf, type Json, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import type { RegistryServer } from "@tallyman/registry/testing/registry-server";
import { allBlobs, type Content } from "./contents.ts";
import type { Mutability } from "./ecr-model.ts";

export type ImageId = { readonly imageDigest?: string; readonly imageTag?: string };

export type DescribeInput = {
  readonly maxResults?: number;
  readonly filter?: { readonly imageStatus: "ANY" };
};

/** One image as DescribeImages has it. */
export type Described = {
  readonly tags: readonly string[];
  readonly status: string;
  readonly subject?: string;
};

/** One repository of the registry under test, reached only as clients reach it: the API and `/v2`. */
export class ModelledRegistry {
  readonly #server: RegistryServer;
  #client: RegistryClient;
  readonly #repository: string;

  constructor(server: RegistryServer, repository: string) {
    this.#server = server;
    this.#client = clientOf(server);
    this.#repository = repository;
  }

  /** Creates the repository and uploads the blobs. */
  async create(imageTagMutability: Mutability): Promise<void> {
    const answer = await this.#api("CreateRepository", mutabilityOf(imageTagMutability));
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    await Promise.all(
      allBlobs().map(async (blob) => {
        const pushed = await this.#client.pushBlob(this.#repository, blob);
        if (pushed.status !== 201) throw new Error(`${pushed.status} ${pushed.text}`);
      }),
    );
  }

  async push(content: Content, how: { readonly tag?: string; readonly by: "api" | "oci" }): Promise<string> {
    const { built } = content;
    if (how.by === "oci") {
      const answer = await this.#client.v2({
        method: "PUT",
        path: `/v2/${this.#repository}/manifests/${how.tag ?? built.digest}`,
        headers: { "Content-Type": built.mediaType },
        body: built.bytes,
      });
      return ociOutcome(answer);
    }
    return this.#call("PutImage", {
      imageManifest: built.bytes.toString(),
      imageManifestMediaType: built.mediaType,
      ...(how.tag === undefined ? {} : { imageTag: how.tag }),
    });
  }

  async delete(imageId: ImageId): Promise<string> {
    const { body } = await this.#api("BatchDeleteImage", { imageIds: [imageId] });
    return String(body["failures"]?.[0]?.["failureCode"] ?? "ok");
  }

  setStorageClass(imageDigest: string, targetStorageClass: "ARCHIVE" | "STANDARD"): Promise<string> {
    return this.#call("UpdateImageStorageClass", { imageId: { imageDigest }, targetStorageClass });
  }

  wait(minutes: number): string {
    const { clock } = this.#server;
    clock.now = new Date(clock.now.getTime() + minutes * 60_000);
    this.#client = clientOf(this.#server); // The token may have run out.
    return "ok";
  }

  setMutability(mutability: Mutability): Promise<string> {
    return this.#call("PutImageTagMutability", mutabilityOf(mutability));
  }

  async recreate(mutability: Mutability): Promise<string> {
    const outcome = await this.#call("DeleteRepository", { force: true });
    await this.create(mutability);
    return outcome;
  }

  /** Untagged images expire after a day. */
  async runLifecycle(): Promise<string> {
    const selection = {
      tagStatus: "untagged",
      countType: "sinceImagePushed",
      countUnit: "days",
      countNumber: 1,
    };
    const rules = [{ rulePriority: 1, selection, action: { type: "expire" } }];
    const lifecyclePolicyText = JSON.stringify({ rules });
    const outcome = await this.#call("PutLifecyclePolicy", { lifecyclePolicyText });
    await this.#server.registry.runLifecycle("all");
    await this.#call("DeleteLifecyclePolicy", {});
    return outcome;
  }

  /** By digest; `input` is what DescribeImages is asked. */
  async describe(input: DescribeInput): Promise<ReadonlyMap<string, Described>> {
    const found = new Map<string, Described>();
    for (const detail of await this.#pages("DescribeImages", "imageDetails", input)) {
      const digest = String(detail?.["imageDigest"]);
      if (found.has(digest)) throw new Error(`${digest} is on two pages`);
      const subject = detail?.["subjectManifestDigest"];
      found.set(digest, {
        tags: texts(detail?.["imageTags"]),
        status: String(detail?.["imageStatus"]),
        ...(subject === undefined ? {} : { subject: String(subject) }),
      });
    }
    return found;
  }

  /** `digest tag` or `digest` for each image id, from pages of two, sorted. */
  async list(): Promise<readonly string[]> {
    const input = { filter: { imageStatus: "ANY" }, maxResults: 2 };
    const ids = await this.#pages("ListImages", "imageIds", input);
    return ids
      .map((id) => [id?.["imageDigest"], id?.["imageTag"]].filter((it) => it !== undefined).join(" "))
      .toSorted();
  }

  /** The bytes that a tag is pulled as; undefined where it cannot be. */
  async pull(tag: string): Promise<Buffer | undefined> {
    const path = `/v2/${this.#repository}/manifests/${tag}`;
    const answer = await this.#client.v2({ method: "GET", path });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return answer.body;
  }

  async referrers(digest: string): Promise<readonly string[]> {
    const path = `/v2/${this.#repository}/referrers/${digest}`;
    const answer = await this.#client.v2({ method: "GET", path });
    const { manifests } = JSON.parse(answer.text) as { manifests: readonly { digest: string }[] };
    return manifests.map((it) => it.digest).toSorted();
  }

  #api(operation: string, input: object) {
    return this.#client.api(operation, { repositoryName: this.#repository, ...input });
  }

  async #call(operation: string, input: object): Promise<string> {
    const { status, body } = await this.#api(operation, input);
    return status === 200 ? "ok" : String(body["__type"]);
  }

  async #pages(operation: string, member: string, input: object): Promise<readonly (Json | undefined)[]> {
    const all: (Json | undefined)[] = [];
    let nextToken: unknown;
    do {
      const more = nextToken === undefined ? {} : { nextToken };
      const { status, body } = await this.#api(operation, { ...input, ...more });
      if (status !== 200) throw new Error(JSON.stringify(body));
      all.push(...((body[member] ?? []) as unknown as readonly Json[]));
      nextToken = body["nextToken"];
    } while (nextToken !== undefined);
    return all;
  }
}

function mutabilityOf(imageTagMutability: Mutability): object {
  if (!imageTagMutability.endsWith("EXCLUSION")) return { imageTagMutability };
  const imageTagMutabilityExclusionFilters = [{ filterType: "WILDCARD", filter: "dev-*" }];
  return { imageTagMutability, imageTagMutabilityExclusionFilters };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String).toSorted() : [];
}

/** ECR's name for what `/v2` answers; pushing what is there already is no error there. */
function ociOutcome(answer: HttpAnswer): string {
  if (answer.status === 201) return "ok";
  const { errors } = JSON.parse(answer.text) as { errors: readonly { code: string; message: string }[] };
  const [error] = errors;
  if (error?.code === "TAG_INVALID") return "ImageTagAlreadyExistsException";
  if (answer.status === 405 && error?.code === "UNSUPPORTED") {
    if (error.message.startsWith("Layers with digests")) return "LayersNotFoundException";
    if (error.message.startsWith("Images with digests")) return "ReferencedImagesNotFoundException";
  }
  return `${answer.status} ${answer.text}`;
}
