import type { Image } from "../image/image.ts";
import type { Registry } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type {
  ContainerInstanceFacts,
  EcsWorkload,
  FunctionFacts,
  Mutability,
  RoleFacts,
  ScanFrequency,
  TaskDefinitionFacts,
} from "./facts.ts";
import type { Looked } from "./looked.ts";

/*
 * Looking with the user's own credentials. A question that cannot be answered is an answer that says so (`unseen`), with the
 * action that it took; nothing is thrown and nothing is an empty list by accident.
 */

/** Clusters by name. A cluster or service that was named and is not there is `seen: undefined`. */
export type EcsLook = {
  listClusters(): Promise<Looked<readonly string[]>>;
  findCluster(name: string): Promise<Looked<string | undefined>>;
  listServices(cluster: string): Promise<Looked<readonly EcsWorkload[]>>;
  findService(service: { cluster: string; name: string }): Promise<Looked<EcsWorkload | undefined>>;
  /** Running tasks that no service started, one for each task definition. */
  listTasks(cluster: string): Promise<Looked<readonly EcsWorkload[]>>;
  listInstances(cluster: string): Promise<Looked<readonly ContainerInstanceFacts[]>>;
  findTaskDefinition(arn: string): Promise<Looked<TaskDefinitionFacts | undefined>>;
};

export type RoleLook = {
  /** By its ARN, or by its bare name, as ECS takes both. */
  findRole(role: string): Promise<Looked<RoleFacts | undefined>>;
  /** ARN of the role in an EC2 instance's profile; undefined: it has none. */
  findInstanceRole(ec2Instance: string): Promise<Looked<string | undefined>>;
};

export type RegistryLook = {
  findMutability(repository: RepositoryRef): Promise<Looked<Mutability | undefined>>;
  findImage(image: ImageQuestion): Promise<Looked<Image | undefined>>;
  /** The repository's policy as JSON text; undefined: it has none. */
  findPolicy(repository: RepositoryRef): Promise<Looked<string | undefined>>;
  /** What repositories begin with that a pull-through cache rule fills; `ROOT`: any. */
  findCachePrefixes(registry: Registry): Promise<Looked<readonly string[]>>;
  findTags(repository: RepositoryRef): Promise<Looked<Readonly<Record<string, string>>>>;
};

export type ImageQuestion = {
  readonly repository: RepositoryRef;
  readonly reference: { readonly digest: string } | { readonly tag: string };
};

export type LambdaLook = {
  /** Every version of every function that is made from an image; of one function when it is named. */
  listFunctions(name?: string): Promise<Looked<readonly Looked<FunctionFacts>[] | undefined>>;
};

export type RepositorySettingsLook = RegistryLook & {
  listRepositories(registry: Registry): Promise<Looked<readonly string[]>>;
  findRegistryPolicy(registry: Registry): Promise<Looked<string | undefined>>;
  findScanFrequency(repository: RepositoryRef): Promise<Looked<ScanFrequency>>;
  hasLifecyclePolicy(repository: RepositoryRef): Promise<Looked<boolean>>;
};
