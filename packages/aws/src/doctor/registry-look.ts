import {
  BatchGetRepositoryScanningConfigurationCommand,
  DescribeImagesCommand,
  DescribePullThroughCacheRulesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  GetRegistryPolicyCommand,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-ecr";
import { arnOfRepository } from "@tallyman/domain/doctor/asked-as";
import type { Mutability, Place } from "@tallyman/domain/doctor/facts";
import { type Looked, mapLooked, remembered } from "@tallyman/domain/doctor/looked";
import type { ImageQuestion, RepositorySettingsLook } from "@tallyman/domain/doctor/ports";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "@tallyman/domain/zod";
import { DescribedImages } from "../ecr/image-details.ts";
import { clientConfig, type DoctorConnection } from "./connection.ts";
import { look, lookAt, lookAtAll, pageOf } from "./look.ts";

const text = z.string();
const Repository = z.object({
  repositoryName: text,
  imageTagMutability: z._default(
    z.enum(["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"]),
    "MUTABLE",
  ),
  imageTagMutabilityExclusionFilters: z._default(z.array(z.object({ filter: text })), []),
});
type Repository = z.infer<typeof Repository>;

const REPOSITORIES = { action: "ecr:DescribeRepositories", schema: pageOf("repositories", Repository) };
const NO_REPOSITORY = ["RepositoryNotFoundException"];
const IMAGES = {
  action: "ecr:DescribeImages",
  schema: DescribedImages,
  gone: ["ImageNotFoundException", ...NO_REPOSITORY],
};
const POLICY = {
  action: "ecr:GetRepositoryPolicy",
  schema: z.object({ policyText: text }),
  gone: ["RepositoryPolicyNotFoundException", ...NO_REPOSITORY],
};
const REGISTRY_POLICY = {
  action: "ecr:GetRegistryPolicy",
  schema: z.object({ policyText: text }),
  gone: ["RegistryPolicyNotFoundException"],
};
const CACHE_RULES = {
  action: "ecr:DescribePullThroughCacheRules",
  schema: pageOf("pullThroughCacheRules", z.object({ ecrRepositoryPrefix: text })),
};
const TAGS = {
  action: "ecr:ListTagsForResource",
  schema: z.object({ tags: z._default(z.array(z.object({ Key: text, Value: z._default(text, "") })), []) }),
};
const LIFECYCLE = {
  action: "ecr:GetLifecyclePolicy",
  schema: z.object({ lifecyclePolicyText: text }),
  gone: ["LifecyclePolicyNotFoundException"],
};
const SCANNING = {
  action: "ecr:BatchGetRepositoryScanningConfiguration",
  schema: z.object({
    scanningConfigurations: z.tuple([
      z.object({ scanFrequency: z.enum(["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"]) }),
    ]),
  }),
};

/** Looks at registries, in any Region and account that the credentials reach. None of it counts as a pull. */
export function awsRegistryLook(connection: DoctorConnection, { partition }: Place): RepositorySettingsLook {
  const at = clientsByRegion(connection);
  const named = ({ account, repository }: RepositoryRef) => ({
    registryId: account,
    repositoryName: repository,
  });
  const listed = new Map<string, Mutability>();
  const findMutability = remembered(async (ref: RepositoryRef): Promise<Looked<Mutability | undefined>> => {
    const input = { registryId: ref.account, repositoryNames: [ref.repository] };
    const found = await look({ ...REPOSITORIES, gone: NO_REPOSITORY }, () =>
      at(ref.region).send(new DescribeRepositoriesCommand(input)),
    );
    return mapLooked(found, (page) => page?.items.map(mutabilityOf)[0]);
  });
  return {
    async listRepositories({ account, region }) {
      const found = await lookAtAll(REPOSITORIES, (nextToken) =>
        at(region).send(
          new DescribeRepositoriesCommand({ registryId: account, nextToken, maxResults: 1000 }),
        ),
      );
      const repositories = "seen" in found ? found.seen : [];
      for (const it of repositories)
        listed.set(`${account}/${region}/${it.repositoryName}`, mutabilityOf(it));
      return mapLooked(found, (all) => all.map(({ repositoryName }) => repositoryName));
    },
    async findMutability(ref) {
      const known = listed.get(`${ref.account}/${ref.region}/${ref.repository}`);
      return known === undefined ? findMutability(ref) : { seen: known };
    },
    findImage: remembered(async ({ repository, reference }: ImageQuestion) => {
      const id = "tag" in reference ? { imageTag: reference.tag } : { imageDigest: reference.digest };
      const found = await look(IMAGES, () =>
        at(repository.region).send(new DescribeImagesCommand({ ...named(repository), imageIds: [id] })),
      );
      return mapLooked(found, (page) => page?.imageDetails[0]);
    }),
    findPolicy: remembered(async (ref: RepositoryRef) => {
      const found = await look(POLICY, () => at(ref.region).send(new GetRepositoryPolicyCommand(named(ref))));
      return mapLooked(found, (it) => it?.policyText);
    }),
    async findRegistryPolicy({ region }) {
      const found = await look(REGISTRY_POLICY, () => at(region).send(new GetRegistryPolicyCommand({})));
      return mapLooked(found, (it) => it?.policyText);
    },
    findCachePrefixes: remembered(async ({ region }: Registry) => {
      const found = await lookAtAll(CACHE_RULES, (nextToken) =>
        at(region).send(new DescribePullThroughCacheRulesCommand({ nextToken, maxResults: 1000 })),
      );
      return mapLooked(found, (rules) => rules.map(({ ecrRepositoryPrefix }) => ecrRepositoryPrefix));
    }),
    findTags: remembered(async (ref: RepositoryRef) => {
      const resourceArn = arnOfRepository(ref, partition);
      const found = await lookAt(TAGS, () =>
        at(ref.region).send(new ListTagsForResourceCommand({ resourceArn })),
      );
      return mapLooked(found, ({ tags }) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
    }),
    async findScanFrequency({ region, repository }) {
      const input = { repositoryNames: [repository] };
      const found = await lookAt(SCANNING, () =>
        at(region).send(new BatchGetRepositoryScanningConfigurationCommand(input)),
      );
      return mapLooked(found, ({ scanningConfigurations: [only] }) => only.scanFrequency);
    },
    async hasLifecyclePolicy(ref) {
      const found = await look(LIFECYCLE, () =>
        at(ref.region).send(new GetLifecyclePolicyCommand(named(ref))),
      );
      return mapLooked(found, (it) => it !== undefined);
    },
  };
}

function clientsByRegion(connection: DoctorConnection): (region: string) => ECRClient {
  const clients = new Map<string, ECRClient>();
  return (region) => {
    const client = clients.get(region) ?? new ECRClient(clientConfig({ ...connection, region }));
    clients.set(region, client);
    return client;
  };
}

function mutabilityOf({ imageTagMutability, imageTagMutabilityExclusionFilters }: Repository): Mutability {
  return {
    setting: imageTagMutability,
    exclusions: imageTagMutabilityExclusionFilters.map(({ filter }) => filter),
  };
}
