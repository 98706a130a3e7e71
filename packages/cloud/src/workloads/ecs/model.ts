import type { Registry } from "@tallyman/domain/registry/registry";

/**
 * Records of the embedded ECS. Fields are named as the API names them; times (`...At`) are milliseconds of the cloud's clock,
 * which answers turn into seconds and events into ISO 8601. `internal` never leaves the service.
 */
export type Tag = { readonly key: string; readonly value: string };

export type Cluster = Registry & {
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly capacityProviders: readonly string[];
  readonly defaultCapacityProviderStrategy: readonly CapacityProvider[];
  readonly tags: readonly Tag[];
};

export type CapacityProvider = {
  readonly capacityProvider: string;
  readonly weight?: number | undefined;
  readonly base?: number | undefined;
};

/** As it was registered: what is not read here is kept and shown as it came. */
export type ContainerDefinition = {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly cpu: number;
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
  readonly versionConsistency?: "enabled" | "disabled" | undefined;
  readonly [field: string]: unknown;
};

export type LaunchType = "EC2" | "FARGATE";

export type TaskDefinition = {
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly compatibilities: readonly string[];
  readonly requiresCompatibilities?: readonly string[] | undefined;
  readonly requiresAttributes: readonly { readonly name: string }[];
  readonly networkMode?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly runtimePlatform?:
    | { readonly cpuArchitecture?: string | undefined; readonly operatingSystemFamily?: string | undefined }
    | undefined;
  readonly registeredAt: number;
  readonly deregisteredAt?: number | undefined;
  readonly registeredBy: string;
  readonly internal: { readonly tags: readonly Tag[] };
};

export type Container = {
  readonly containerArn: string;
  readonly taskArn: string;
  readonly name: string;
  readonly image: string;
  readonly imageDigest?: string | undefined;
  readonly runtimeId?: string | undefined;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly networkBindings: readonly never[];
  readonly networkInterfaces: readonly never[];
  readonly healthStatus: "UNKNOWN";
  readonly cpu: string;
  readonly memory?: string | undefined;
  readonly memoryReservation?: string | undefined;
  /** `platformDigest`: of the manifest that was pulled, also where an index was asked for. */
  readonly internal?: { readonly platformDigest: string };
};

export type TaskStatus = "PROVISIONING" | "PENDING" | "RUNNING" | "DEPROVISIONING" | "STOPPED";

export type StopCode =
  | "TaskFailedToStart"
  | "EssentialContainerExited"
  | "UserInitiated"
  | "ServiceSchedulerInitiated"
  | "TerminationNotice";

export type Task = {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly containerInstanceArn?: string | undefined;
  readonly group: string;
  readonly startedBy?: string | undefined;
  readonly launchType: LaunchType;
  readonly capacityProviderName?: string | undefined;
  readonly platformVersion?: string | undefined;
  readonly platformFamily?: string | undefined;
  readonly availabilityZone: string;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: "RUNNING" | "STOPPED";
  /** Counts its changes; an event with a lower one is older. */
  readonly version: number;
  readonly containers: readonly Container[];
  readonly overrides: { readonly [field: string]: unknown };
  readonly attachments: readonly unknown[];
  readonly attributes: readonly unknown[];
  readonly enableExecuteCommand: boolean;
  readonly connectivity?: "CONNECTED" | undefined;
  readonly connectivityAt?: number | undefined;
  readonly createdAt: number;
  readonly pullStartedAt?: number | undefined;
  readonly pullStoppedAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly executionStoppedAt?: number | undefined;
  readonly stoppingAt?: number | undefined;
  readonly stoppedAt?: number | undefined;
  readonly stoppedReason?: string | undefined;
  readonly stopCode?: StopCode | undefined;
  readonly internal: {
    readonly tags: readonly Tag[];
    /** Of the execution role that was passed: the task definition's, or what overrides it. */
    readonly executionRoleArn?: string | undefined;
    /** ARN of the service whose task it is, and the id of the deployment. */
    readonly service?: string | undefined;
    readonly deployment?: string | undefined;
  };
};

export type ContainerInstance = {
  readonly containerInstanceArn: string;
  readonly clusterArn: string;
  readonly ec2InstanceId: string;
  readonly version: number;
  readonly versionInfo: {
    readonly agentVersion: string;
    readonly agentHash?: string | undefined;
    readonly dockerVersion?: string | undefined;
  };
  readonly remainingResources: readonly unknown[];
  readonly registeredResources: readonly unknown[];
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  readonly agentConnected: boolean;
  readonly attributes: readonly unknown[];
  readonly attachments: readonly unknown[];
  readonly registeredAt: number;
  /** `roleArn`: the instance profile's role, with which its agent pulls. */
  readonly internal: { readonly tags: readonly Tag[]; readonly roleArn: string };
};

export type RolloutState = "IN_PROGRESS" | "COMPLETED" | "FAILED";

export type Deployment = {
  /** `ecs-svc/<number>` */
  readonly id: string;
  readonly status: "PRIMARY" | "ACTIVE";
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly failedTasks: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly launchType: LaunchType;
  readonly capacityProviderStrategy?: readonly CapacityProvider[] | undefined;
  readonly platformVersion?: string | undefined;
  readonly rolloutState: RolloutState;
  readonly rolloutStateReason: string;
  readonly internal: {
    /** By container name: what its tag was resolved to when the first tasks of the deployment started. */
    readonly digests: Readonly<Record<string, string>>;
    /** How often resolving failed; after three times the deployment goes on with the tag. */
    readonly resolutions: number;
  };
};

export type ServiceEvent = { readonly id: string; readonly createdAt: number; readonly message: string };

export type Service = {
  readonly serviceArn: string;
  readonly serviceName: string;
  readonly clusterArn: string;
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  readonly desiredCount: number;
  readonly launchType: LaunchType;
  readonly capacityProviderStrategy?: readonly CapacityProvider[] | undefined;
  readonly platformVersion?: string | undefined;
  readonly taskDefinition: string;
  readonly schedulingStrategy: "REPLICA" | "DAEMON";
  readonly deploymentConfiguration: {
    readonly deploymentCircuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
    readonly maximumPercent: number;
    readonly minimumHealthyPercent: number;
  };
  /** The newest first: it is the PRIMARY one. */
  readonly deployments: readonly Deployment[];
  readonly events: readonly ServiceEvent[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly [field: string]: unknown;
  readonly internal: {
    readonly tags: readonly Tag[];
    readonly propagateTags?: string | undefined;
    /** What the last deployment that was completed runs: the circuit breaker goes back to it. */
    readonly completed?:
      | {
          readonly deploymentId: string;
          readonly taskDefinition: string;
          readonly digests: Readonly<Record<string, string>>;
        }
      | undefined;
    /** Tasks in a row that could not be started: each time it takes longer until the next one. */
    readonly failures: number;
    readonly inactiveAt?: number | undefined;
  };
};
