import { SetRepositoryPolicyCommand, UpdateImageStorageClassCommand } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Embedded } from "../embedded.ts";
import { withEcr } from "../registries.ts";
import { credentialsOf, type Registry } from "../registry-client.ts";
import { until } from "../until.ts";

const NETWORK = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
const MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

/** A statement of a policy, and who may assume a role. */
export type RoleSettings = {
  readonly service?: string;
  readonly trust?: object;
  /** Inline statements instead of AWS's policy for tasks. */
  readonly statements?: readonly object[];
};

export function policyText(...Statement: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** Puts workloads into an account of the running product, with AWS's own clients. */
export class Workloads {
  readonly iam: IAMClient;
  readonly ecs: ECSClient;
  readonly lambda: LambdaClient;
  readonly #product: Embedded;
  readonly #at: Registry;

  constructor(product: Embedded, at: Registry) {
    const config = { endpoint: product.url, region: at.region, credentials: credentialsOf(at.account) };
    this.#product = product;
    this.#at = at;
    this.iam = new IAMClient(config);
    this.ecs = new ECSClient(config);
    this.lambda = new LambdaClient(config);
  }

  /** Answers the role's ARN. */
  async role(
    RoleName: string,
    { service = "ecs-tasks", trust, statements }: RoleSettings = {},
  ): Promise<string> {
    const trusted = {
      Effect: "Allow",
      Principal: { Service: `${service}.amazonaws.com` },
      Action: "sts:AssumeRole",
    };
    const AssumeRolePolicyDocument = policyText(trust ?? trusted);
    const { Role } = await this.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    if (statements === undefined)
      await this.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: MANAGED }));
    else await this.setStatements(RoleName, statements);
    return Role?.Arn ?? "";
  }

  async setStatements(RoleName: string, statements: readonly object[]): Promise<void> {
    const PolicyDocument = policyText(...statements);
    await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
  }

  async cluster(clusterName: string): Promise<void> {
    await this.ecs.send(new CreateClusterCommand({ clusterName }));
  }

  /** An EC2 instance with an agent, and a role. */
  async instance(cluster: string, agentVersion: string, iamRole: string): Promise<string> {
    const instanceId = `i-${agentVersion.replaceAll(".", "")}${cluster}`;
    const instanceIdentityDocument = JSON.stringify({ instanceId, iamRole });
    const input = { cluster, instanceIdentityDocument, versionInfo: { agentVersion } };
    await this.ecs.send(new RegisterContainerInstanceCommand(input));
    return instanceId;
  }

  /** A service that is scaled to zero: nothing runs, and everything can be looked at. Answers its task definition. */
  async service(
    cluster: string,
    serviceName: string,
    options: {
      readonly image: string;
      readonly executionRole?: string;
      readonly launchType?: "EC2" | "FARGATE";
    },
  ): Promise<string> {
    const { image, executionRole, launchType = "FARGATE" } = options;
    const fargate = launchType === "FARGATE";
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: `${cluster}-${serviceName}`,
        ...(fargate && { networkMode: "awsvpc", cpu: "256", memory: "512" }),
        ...(executionRole !== undefined && { executionRoleArn: executionRole }),
        containerDefinitions: [{ name: "main", image, memory: 128 }],
      }),
    );
    const definition = `${taskDefinition?.family}:${taskDefinition?.revision}`;
    await this.ecs.send(
      new CreateServiceCommand({
        ...{ cluster, serviceName, taskDefinition: definition, desiredCount: 0, launchType },
        ...(fargate && { networkConfiguration: NETWORK }),
      }),
    );
    return definition;
  }

  /** Whether a task of the definition comes to run, and if not why. */
  async runs(
    cluster: string,
    taskDefinition: string,
    launchType: "EC2" | "FARGATE" = "FARGATE",
  ): Promise<true | string> {
    const network = launchType === "FARGATE" ? { networkConfiguration: NETWORK } : {};
    const { tasks } = await this.ecs.send(
      new RunTaskCommand({ cluster, taskDefinition, launchType, ...network }),
    );
    const taskArn = tasks?.[0]?.taskArn ?? "";
    return until(`task ${taskArn}`, async () => {
      const found = await this.ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
      const [task] = found.tasks ?? [];
      if (task?.lastStatus === "RUNNING") return true;
      return task?.lastStatus === "STOPPED" ? (task.stoppedReason ?? "stopped") : undefined;
    });
  }

  async repositoryPolicy(repositoryName: string, ...statements: readonly object[]): Promise<void> {
    const input = { repositoryName, policyText: policyText(...statements) };
    await withEcr(this.#product.url, this.#at, (ecr) => ecr.send(new SetRepositoryPolicyCommand(input)));
  }

  async archive(repositoryName: string, imageDigest: string): Promise<void> {
    const input = { repositoryName, imageId: { imageDigest }, targetStorageClass: "ARCHIVE" } as const;
    await withEcr(this.#product.url, this.#at, (ecr) => ecr.send(new UpdateImageStorageClassCommand(input)));
  }

  destroy(): void {
    for (const client of [this.iam, this.ecs, this.lambda]) client.destroy();
  }
}
