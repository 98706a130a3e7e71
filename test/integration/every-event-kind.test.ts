import {
  BatchDeleteImageCommand,
  DeleteRepositoryCommand,
  type ImageIdentifier,
  PutLifecyclePolicyCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import type { ImageRecord } from "@tallyman/domain/inventory/records";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST, OTHER, replicate, WEST, withEcr } from "../support/registries.ts";
import { OCI_MANIFEST, RegistryClient } from "../support/registry-client.ts";
import { deadLetters } from "../support/standing.ts";
import { openStored, type Stored } from "../support/stored.ts";

let product: Embedded;
let stored: Stored;
let client: RegistryClient;
let count = 0;
/** A repository of its own for each test, so that none waits for another's. */
let at: RepositoryRef;

beforeAll(async () => {
  product = await Embedded.start();
  stored = openStored(product);
  client = await RegistryClient.login(product.url, EAST);
});
afterAll(async () => {
  stored?.close();
  await product?.dispose();
});
beforeEach(async () => {
  count += 1;
  at = { ...EAST, repository: `kinds/of-${count}` };
  await createRepository(product.url, EAST, at.repository);
});

const SOMEBODY = `arn:aws:iam::${EAST.account}:user/test`;

function image(digest: string, repository = at): Promise<ImageRecord | undefined> {
  return stored.images.findImage(repository, digest);
}

/** Waits until the record of an image says so. */
async function recorded(digest: string, facts: Partial<ImageRecord>, repository = at): Promise<void> {
  await product.until(`${repository.repository}@${digest} is ${JSON.stringify(facts)}`, async () => {
    const record: Readonly<Record<string, unknown>> | undefined = await image(digest, repository);
    return record !== undefined && Object.entries(facts).every(([name, value]) => record[name] === value);
  });
}

async function pointing(tag: string, digest: string | null, cause: string): Promise<void> {
  await product.until(`${at.repository}:${tag} is at ${digest} by ${cause}`, async () => {
    const pointer = await stored.tags.findTag(at, tag);
    return pointer?.digest === digest && pointer.cause === cause;
  });
}

/** Waits until a deed fits, of this repository. */
async function done(deed: Readonly<Record<string, unknown>>): Promise<void> {
  await product.until(`${JSON.stringify(deed)} is remembered`, async () =>
    (await stored.deeds({ repository: at })).some((known) =>
      Object.entries(deed).every(([name, value]) => known[name as keyof typeof known] === value),
    ),
  );
}

async function push(tag: string | undefined, content: string): Promise<string> {
  const { digest } = await client.pushImage(at.repository, tag, `${at.repository} ${content}`);
  await recorded(digest, { state: "open" });
  return digest;
}

async function remove(...imageIds: ImageIdentifier[]): Promise<void> {
  const { repository: repositoryName } = at;
  await withEcr(product.url, EAST, (ecr) =>
    ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds })),
  );
}

async function move(imageDigest: string, targetStorageClass: "ARCHIVE" | "STANDARD"): Promise<void> {
  const input = { repositoryName: at.repository, imageId: { imageDigest }, targetStorageClass };
  await withEcr(product.url, EAST, (ecr) => ecr.send(new UpdateImageStorageClassCommand(input)));
}

/** The registry's choices while `act` runs. */
async function withSwitches(changes: object, act: () => Promise<void>): Promise<void> {
  const before = await product.control("GET", "switches");
  await product.control("POST", "switches", changes);
  try {
    await act();
  } finally {
    await product.control("POST", "switches", before);
  }
}

describe("a push", () => {
  test("is recorded, and who pushed is remembered", async () => {
    const digest = await push("1.0.0", "pushed");
    await pointing("1.0.0", digest, "push");
    expect(await image(digest)).toMatchObject({ status: "ACTIVE", cause: "push", manifest: "known" });
    await done({ action: "push", digest, tag: "1.0.0", by: SOMEBODY });
  });

  test("of an index is recorded with each of its children, which have no tag", async () => {
    const children = [];
    for (const platform of ["amd64", "arm64"])
      children.push(await client.pushImage(at.repository, undefined, `${at.repository} ${platform}`));
    const index = await client.pushIndex(at.repository, "multi", children);
    await pointing("multi", index.digest, "push");
    for (const { digest } of children) {
      await recorded(digest, { state: "open", cause: "push" });
      await done({ action: "push", digest });
    }
  });

  test("of a referrer is recorded with what it is about", async () => {
    const subject = await client.pushImage(at.repository, "1.0.0", `${at.repository} signed`);
    const config = await client.pushBlob(at.repository, Buffer.from("{}"));
    const { digest } = await client.pushManifest(at.repository, undefined, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: "application/vnd.example.signature.v1",
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: 2 },
      layers: [{ mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: 2 }],
      subject,
    });
    await recorded(digest, { state: "open", subject: subject.digest });
  });
});

describe("a deletion", () => {
  test("closes the image and its tags, and who deleted is remembered for each tag", async () => {
    const digest = await push("1.0.0", "deleted");
    await push("1.0.1", "deleted");
    await pointing("1.0.1", digest, "push");
    await remove({ imageDigest: digest });
    await recorded(digest, { state: "closed", cause: "delete" });
    for (const tag of ["1.0.0", "1.0.1"]) {
      await pointing(tag, null, "delete");
      await done({ action: "delete", digest, tag, by: SOMEBODY });
    }
  });

  test("of one tag of two of which ECR tells nothing is heard of from CloudTrail", async () => {
    const digest = await push("1.0.0", "untagged");
    await push("1.0.1", "untagged");
    for (const tag of ["1.0.0", "1.0.1"]) await pointing(tag, digest, "push");
    await withSwitches({ untagEvents: false }, async () => {
      await remove({ imageTag: "1.0.0" });
      await pointing("1.0.0", null, "delete");
    });
    await pointing("1.0.1", digest, "push");
    expect(await image(digest)).toMatchObject({ state: "open" });
    await done({ action: "delete", digest, tag: "1.0.0", by: SOMEBODY });
  });

  test("that was refused for one image of two is remembered as what it is", async () => {
    const child = await client.pushImage(at.repository, undefined, `${at.repository} held`);
    await client.pushIndex(at.repository, "multi", [child]);
    const digest = await push("1.0.0", "free");
    await remove({ imageDigest: child.digest }, { imageDigest: digest });
    await recorded(digest, { state: "closed" });
    await product.until("the refusal is remembered", async () =>
      (await stored.deeds({ repository: at })).some(
        (deed) => deed.digest === child.digest && deed.failure?.startsWith("ImageReferencedByManifestList"),
      ),
    );
    expect(await image(child.digest)).toMatchObject({ state: "open" });
  });
});

test("an image that is archived, and restored, is seen in each of its states, with who did it", async () => {
  const digest = await push("1.0.0", "archived");
  await move(digest, "ARCHIVE");
  await recorded(digest, { state: "open", status: "ARCHIVED", cause: "archive" });
  await done({ action: "archive", digest, by: SOMEBODY });
  // CloudTrail's record of it is read to its end: later, it would find what the next call made of the image.
  await product.atRest();
  await move(digest, "STANDARD");
  await recorded(digest, { status: "ACTIVATING", cause: "restore" });
  await done({ action: "restore", digest, by: SOMEBODY });
  await product.atRest();
  await product.control("POST", "clock", { advance: "PT30M" });
  await recorded(digest, { state: "open", status: "ACTIVE", cause: "restore" });
  await pointing("1.0.0", digest, "push");
});

test("a copy that arrives is recorded where it arrived", async () => {
  await replicate(product.url, { source: EAST, destination: WEST, prefix: at.repository });
  const digest = await push("1.0.0", "copied");
  await recorded(digest, { state: "open", cause: "replication" }, { ...at, ...WEST });
});

describe("an image that was pulled through", () => {
  // The registry does not fetch from upstream registries by itself yet: its event is put where it would put it.
  async function pulledThrough(detail: object, status = "SUCCESS"): Promise<void> {
    const { account, region, repository } = at;
    await product.control("POST", "events", {
      account,
      region,
      detailType: "ECR Pull Through Cache Action",
      resources: [`arn:aws:ecr:${region}:${account}:repository/${repository}`],
      detail: {
        "rule-version": "1",
        "sync-status": status,
        "ecr-repository-prefix": "kinds",
        "repository-name": repository,
        "upstream-registry-url": "public.ecr.aws",
        ...detail,
      },
    });
  }
  async function cached(tag: string): Promise<string> {
    let digest = "";
    await product.control("POST", "faults", { events: { drop: 1 } });
    ({ digest } = await client.pushImage(at.repository, tag, at.repository));
    await product.control("POST", "faults", {});
    return digest;
  }

  test.each(["image-digest", "image-tag"])("and that the event names by %s is recorded", async (named) => {
    const digest = await cached("3.17.2");
    await pulledThrough(named === "image-tag" ? { [named]: "3.17.2" } : { [named]: digest });
    await recorded(digest, { state: "open", cause: "pull-through" });
    if (named === "image-tag") await pointing("3.17.2", digest, "pull-through");
  });

  test("and that the event does not name is found by comparing its repository", async () => {
    const digest = await cached("3.17.2");
    await pulledThrough({});
    await recorded(digest, { state: "open", cause: "reconcile" });
    await pointing("3.17.2", digest, "reconcile");
  });
});

describe("a repository", () => {
  test("is listed as soon as it is created, with who did it", async () => {
    await product.until(`${at.repository} is listed`, () => stored.summaries.findSummary(at));
    expect(await stored.summaries.findSummary(at)).toMatchObject({ images: 0, tags: 0 });
    await done({ action: "create-repository", by: SOMEBODY });
  });

  test("that is deleted takes every record with it, though ECR tells of no image that went", async () => {
    const digests = [];
    for (let i = 0; i < 12; i++) digests.push(await push(`1.0.${i}`, `going ${i}`));
    const { repository: repositoryName } = at;
    await withEcr(product.url, EAST, (ecr) =>
      ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
    );
    for (const digest of digests) await recorded(digest, { state: "closed", cause: "repository-delete" });
    for (let i = 0; i < 12; i++) {
      await product.until(
        `the tag 1.0.${i} is gone`,
        async () => (await stored.tags.findTag(at, `1.0.${i}`))?.digest === null,
      );
    }
    await done({ action: "delete-repository", by: SOMEBODY });
    // It was told, so nobody missed it.
    const repaired = await product.api.list("/audit");
    expect(repaired.map(({ subject }) => subject)).not.toContain(
      `${EAST.account}/${EAST.region}/${repositoryName}`,
    );
  });
});

describe.each(["enabled", "allManagementEvents"])(
  "a lifecycle policy's run, heard of by rules for %s",
  (serviceEventRules) => {
    const why = "lifecycle rule 1: keep one";

    test("closes each image that it expired, with its rule, though ECR tells of none; more than one record holds", async () => {
      const digests: string[] = [];
      for (let i = 0; i < 13; i++) digests.push(await push(`1.0.${i}`, `expiring ${i}`));
      const rule = {
        rulePriority: 1,
        description: "keep one",
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 },
        action: { type: "expire" },
      };
      const { repository: repositoryName } = at;
      const lifecyclePolicyText = JSON.stringify({ rules: [rule] });
      await withEcr(product.url, EAST, (ecr) =>
        ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText })),
      );
      await withSwitches({ serviceEventRules }, async () => {
        await product.control("POST", "lifecycle");
        await product.until("twelve are closed", async () => {
          const states = await Promise.all(digests.map(async (digest) => (await image(digest))?.state));
          return states.filter((state) => state === "closed").length === 12;
        });
      });
      const records = await Promise.all(digests.map((digest) => image(digest)));
      const closed = records.filter((record) => record?.state === "closed");
      for (const record of closed) {
        expect(record).toMatchObject({ cause: "lifecycle", why });
        await done({ action: "expire", digest: record?.digest, by: "lifecycle policy", rule: why });
      }
      const pointers = await Promise.all(digests.map((_, i) => stored.tags.findTag(at, `1.0.${i}`)));
      expect(pointers.filter((pointer) => pointer?.digest === null)).toHaveLength(12);
    });
  },
);

test("a call from another account is remembered with who made it", async () => {
  const elsewhere = { ...OTHER, repository: `kinds/other-${count}` };
  await createRepository(product.url, OTHER, elsewhere.repository);
  await product.until("the creation is remembered", async () => {
    const [deed] = await stored.deeds({ repository: elsewhere });
    return deed?.by === `arn:aws:iam::${OTHER.account}:user/test2`;
  });
});

test("nothing of all this ended in a dead-letter queue", async () => {
  await product.atRest();
  const dead = await deadLetters(product);
  expect(Object.entries(dead).filter(([, messages]) => messages > 0)).toEqual([]);
});
