import type { Partition } from "../registry/registry-host.ts";
import type { Looked } from "./looked.ts";

/** A policy by the name under which people know it. */
export type LookedPolicy = { readonly name: string; readonly document: Looked<unknown> };

/** A role as IAM knows it. What could not be listed (`inline policies of web`) is a policy that was not seen. */
export type RoleFacts = {
  readonly arn: string;
  readonly name: string;
  readonly trust: LookedPolicy;
  readonly identity: readonly LookedPolicy[];
  readonly boundary?: LookedPolicy;
  readonly tags: Readonly<Record<string, string>>;
};

/** How tags of a repository may move: `ecr` 2015-09-21, `ImageTagMutability`. */
export type Mutability = {
  readonly setting: "MUTABLE" | "IMMUTABLE" | "MUTABLE_WITH_EXCLUSION" | "IMMUTABLE_WITH_EXCLUSION";
  /** Wildcards (`*`) of the tags for which the opposite holds. */
  readonly exclusions: readonly string[];
};

/** Where somebody looks, with whose credentials. */
export type Place = { readonly account: string; readonly region: string; readonly partition: Partition };

export type LaunchType = "FARGATE" | "EC2" | "EXTERNAL";

/** What runs tasks of a definition: a service, or a task that was started by itself. */
export type EcsWorkload = {
  readonly kind: "service" | "task";
  readonly cluster: string;
  readonly name: string;
  /** ARNs: a service in the midst of a deployment has several. */
  readonly taskDefinitions: readonly string[];
  readonly launchType: LaunchType;
};

export type TaskDefinitionFacts = {
  readonly name: string;
  readonly executionRole?: string;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
};

export type ContainerInstanceFacts = {
  readonly cluster: string;
  readonly id: string;
  readonly ec2Instance?: string;
  readonly agentVersion?: string;
};

/** A function made from a container image, in one version (`$LATEST`, `3`). */
export type FunctionFacts = {
  readonly name: string;
  readonly version: string;
  readonly arn: string;
  readonly role: string;
  /** As it was given, and as Lambda resolved it to a digest. */
  readonly image: string;
  readonly resolvedImage?: string;
  /** Where it is not well: `Failed: ImageDeleted (...)`. */
  readonly trouble?: string;
};

export type ScanFrequency = "SCAN_ON_PUSH" | "CONTINUOUS_SCAN" | "MANUAL";
