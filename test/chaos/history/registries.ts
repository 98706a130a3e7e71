import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { SwitchChanges } from "@tallyman/registry/core/switches";
import type { EcrEvent } from "@tallyman/registry/ecr-event";
import { clientOf, type RegistryClient } from "@tallyman/registry/testing/registry-client";
import { startRegistryServer } from "@tallyman/registry/testing/registry-server";
import type { Answers } from "./doors.ts";
import { READER } from "./functions.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The embedded registry of one history, with every registry of every account in it. */
export type Registries = {
  /** The administrator of one of them. */
  admin(registry: Registry): RegistryClient;
  /** What ECR answers to our reader in a registry. */
  asReader(registry: Registry): Answers;
  /** What was told since the last look. */
  told(): readonly EcrEvent[];
  /** The clock has moved. */
  timePassed(): void;
  setSwitches(changes: SwitchChanges): void;
  runLifecycle(): Promise<number>;
  /** Waits until nothing is left to replicate. */
  idle(): Promise<void>;
  completeRestores(): Date | undefined;
  readonly errors: readonly unknown[];
  close(): Promise<void>;
};

type Options = {
  readonly time: VirtualTime;
  readonly places: readonly Registry[];
  readonly switches: SwitchChanges;
  readonly trail: boolean;
  readonly hearsCalls: (registry: Registry, call: { readonly readOnly: boolean }) => boolean;
};

/** Nothing here is about what a disk does, and each commit waits for it. */
const IN_MEMORY = "/dev/shm";

/** The pull-time exclusion is there, as the member stack declares it. */
export async function startRegistries({
  time,
  places,
  switches,
  trail,
  hearsCalls,
}: Options): Promise<Registries> {
  const directory = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), "registries-"));
  const server = await startRegistryServer({ directory, hearsCalls, limits: { restoreDuration: 600_000 } });
  server.clock.now = time.now();
  server.registry.setSwitches(switches);
  const admins = new Map<string, RegistryClient>();

  function admin({ account, region }: Registry): RegistryClient {
    const name = `${account}/${region}`;
    const caller = { account, arn: `arn:aws:iam::${account}:user/admin` };
    const known = admins.get(name) ?? clientOf(server, { caller, region });
    admins.set(name, known);
    return known;
  }

  for (const place of places) {
    const principalArn = `arn:aws:iam::${place.account}:role/${READER}`;
    await admin(place).api("RegisterPullTimeUpdateExclusion", { principalArn });
  }
  return {
    admin,
    asReader: ({ account, region }) => {
      const caller = { account, arn: `arn:aws:sts::${account}:assumed-role/${READER}/tallyman` };
      return (operation, body) =>
        server.registry.callApi({ operation, body: Buffer.from(body), caller, region });
    },
    told: () =>
      server.events.splice(0).filter((event) => trail || !event.detailType.endsWith("via CloudTrail")),
    timePassed: () => {
      server.clock.now = time.now();
    },
    setSwitches: (changes) => server.registry.setSwitches(changes),
    runLifecycle: async () => {
      const runs = await server.registry.runLifecycle("all");
      return runs.reduce((acted, run) => acted + run.acted.length + run.followed.length, 0);
    },
    idle: () => server.registry.idle(),
    completeRestores: () => server.registry.completeRestores(),
    errors: server.errors,
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One image as DescribeImages tells of it, whatever its status. Times as ECR sends them: epoch seconds. */
export type DumpedImage = {
  readonly imageDigest: string;
  readonly imageTags?: readonly string[];
  readonly imageSizeInBytes?: number;
  readonly imagePushedAt?: number;
  readonly lastRecordedPullTime?: number;
  readonly imageManifestMediaType?: string;
  readonly artifactMediaType?: string;
  readonly imageStatus?: string;
  readonly subjectManifestDigest?: string;
};

/** All images of a repository, asked of ECR's API as it is, past our own readers; undefined: there is no such repository. */
export async function dumpRepository(
  registries: Registries,
  { repository, ...registry }: RepositoryRef,
): Promise<readonly DumpedImage[] | undefined> {
  const images: DumpedImage[] = [];
  let nextToken: string | undefined;
  do {
    const { status, body } = await registries.admin(registry).api("DescribeImages", {
      repositoryName: repository,
      filter: { imageStatus: "ANY" },
      maxResults: 100,
      ...(nextToken !== undefined && { nextToken }),
    });
    const answer = body as unknown as Dumped;
    if (status !== 200 && answer.__type?.includes("RepositoryNotFound")) return undefined;
    if (status !== 200) throw new Error(`DescribeImages: ${JSON.stringify(body)}`);
    images.push(...(answer.imageDetails ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return images;
}

type Dumped = {
  readonly __type?: string;
  readonly imageDetails?: readonly DumpedImage[];
  readonly nextToken?: string;
};

/** Names of a registry's repositories. */
export async function dumpRepositories(
  registries: Registries,
  registry: Registry,
): Promise<readonly string[]> {
  const { body } = await registries.admin(registry).api("DescribeRepositories", { maxResults: 1000 });
  const { repositories } = body as unknown as { repositories: readonly { repositoryName: string }[] };
  return repositories.map((it) => it.repositoryName);
}
