import { AwsError } from "../../http/aws-service.ts";
import { agentIsAtLeast } from "./agent-version.ts";
import { placeOf } from "./arns.ts";
import { pullCredentials } from "./credentials.ts";
import { type EcsCore, nowOf } from "./ecs-core.ts";
import type { Container, Task, TaskDefinition } from "./model.ts";
import { imageSource } from "./pull/image-source.ts";
import { PullError, stoppedReason } from "./pull/pull-error.ts";
import type { PullRequest } from "./pull/pull-image.ts";
import { registryHost } from "./pull/registry-connection.ts";
import { changeTask, stopTask, tellStarted } from "./task-changes.ts";

/** The first agent that logs in to ECR by itself (ECS Developer Guide, "Using Amazon ECR images with Amazon ECS"). */
const ECR_SINCE = "1.7.0";

/** By container name: what is pulled instead of the tag, where a deployment has settled on a digest. */
export type Digests = Readonly<Record<string, string>>;

/**
 * Brings a task up: pulls every image with the credentials of its role, then it runs. A container here is a record: no
 * process is started. When an essential image cannot be pulled the task stops, with ECS's words for it. Never rejects.
 */
export async function startTask(
  core: EcsCore,
  task: Task,
  options: { readonly signal: AbortSignal; readonly digests?: Digests },
): Promise<void> {
  try {
    await bringUp(core, task.taskArn, options);
  } catch (error) {
    if (options.signal.aborted) return;
    if (error instanceof StartError) failToStart(core, task.taskArn, error);
    else {
      core.onError(error);
      const reason = `CannotStartContainerError: ${error instanceof Error ? error.message : String(error)}`;
      stopTask(core, task.taskArn, { stopCode: "TaskFailedToStart", reason });
    }
  }
}

/** Which container cannot be started, and why. */
class StartError extends Error {
  readonly container: string;

  constructor(container: string, reason: string) {
    super(reason);
    this.name = "StartError";
    this.container = container;
  }
}

async function bringUp(
  core: EcsCore,
  taskArn: string,
  { signal, digests = {} }: { readonly signal: AbortSignal; readonly digests?: Digests },
): Promise<void> {
  const task = changeTask(core, taskArn, { lastStatus: "PENDING", pullStartedAt: nowOf(core) });
  const definition = task && core.state.taskDefinitions.get(task.taskDefinitionArn);
  if (!task || !definition) return;
  const containers: Container[] = [];
  for (const container of task.containers) {
    const { essential = true } =
      definition.containerDefinitions.find(({ name }) => name === container.name) ?? {};
    const pulled = await pullContainer(
      core,
      { task, definition, container },
      { signal, digest: digests[container.name] },
    );
    signal.throwIfAborted();
    if (pulled.lastStatus === "STOPPED" && essential)
      throw new StartError(container.name, pulled.reason ?? "");
    containers.push(pulled);
  }
  run(core, taskArn, containers);
}

function run(core: EcsCore, taskArn: string, containers: readonly Container[]): void {
  const now = nowOf(core);
  const times = {
    pullStoppedAt: now,
    startedAt: now,
    connectivity: "CONNECTED",
    connectivityAt: now,
  } as const;
  const running = changeTask(core, taskArn, { lastStatus: "RUNNING", containers, ...times });
  if (running) tellStarted(core, running);
}

type Starting = { readonly task: Task; readonly definition: TaskDefinition; readonly container: Container };

/** The container with its digest; stopped, with the reason, when its image cannot be pulled. */
async function pullContainer(
  core: EcsCore,
  { task, definition, container }: Starting,
  { signal, digest }: { readonly signal: AbortSignal; readonly digest: string | undefined },
): Promise<Container> {
  try {
    const request = pullRequest(core, { task, definition, image: container.image, signal });
    const uri = digest === undefined ? request.uri : { ...request.uri, digest };
    const pulled = await core.puller.pull({ ...request, uri });
    const { ecsImageDigest } = core.settings.show();
    const imageDigest = ecsImageDigest === "index" ? pulled.digest : pulled.platformDigest;
    return {
      ...container,
      imageDigest,
      runtimeId: core.newId().replaceAll("-", ""),
      lastStatus: "RUNNING",
      internal: { platformDigest: pulled.platformDigest },
    };
  } catch (error) {
    if (error instanceof PullError)
      return {
        ...container,
        lastStatus: "STOPPED",
        reason: stoppedReason(task.launchType, container.image, error.failure),
      };
    if (error instanceof AwsError) return { ...container, lastStatus: "STOPPED", reason: error.message };
    throw error;
  }
}

/** How the image of one container is pulled. @throws PullError, AwsError when it cannot be */
export function pullRequest(
  core: EcsCore,
  {
    task,
    definition,
    image,
    signal,
  }: Omit<Starting, "container"> & { readonly image: string; readonly signal: AbortSignal },
): PullRequest {
  const uri = imageSource(image, placeOf(task.taskArn));
  const instance = task.containerInstanceArn && core.state.instances.get(task.containerInstanceArn);
  if (instance && !agentIsAtLeast(instance.versionInfo.agentVersion, ECR_SINCE)) {
    const url = `https://${registryHost(uri.registry)}/v2/${uri.repository}/manifests/${uri.digest ?? uri.tag}`;
    throw new PullError({ at: "agent", url });
  }
  const credentials = pullCredentials(core, task);
  const { ecsChecksLayers: checksLayers } = core.settings.show();
  return { uri, credentials, platform: platformOf(definition), checksLayers, signal };
}

function platformOf({ runtimePlatform = {} }: TaskDefinition): string {
  const os = runtimePlatform.operatingSystemFamily?.startsWith("WINDOWS") ? "windows" : "linux";
  return `${os}/${runtimePlatform.cpuArchitecture === "ARM64" ? "arm64" : "amd64"}`;
}

function failToStart(core: EcsCore, taskArn: string, { container, message }: StartError): void {
  changeTask(core, taskArn, { pullStoppedAt: nowOf(core) });
  stopTask(core, taskArn, {
    stopCode: "TaskFailedToStart",
    reason: message,
    containers: { [container]: { reason: message } },
  });
}
