import { agentIsAtLeast } from "../agent-version.ts";
import type { EcsCore } from "../ecs-core.ts";
import type { Deployment, Service, Task, TaskDefinition } from "../model.ts";
import { type Digests, pullRequest } from "../start-task.ts";
import { withDeployment } from "./service-changes.ts";

/** After so many failed attempts a deployment goes on with the tags. */
const ATTEMPTS = 3;

/** Agents since then take part in version consistency for images of ECR. */
const CONSISTENT_SINCE = "1.31.0";

/** What a deployment's tags mean, settled once when its first task starts (ECS, "Container image resolution"). */
export type DigestResolver = {
  /** For one task of a service that is about to start. Empty where tags are to be taken as they are. Never rejects. */
  digestsFor(task: Task, signal: AbortSignal): Promise<Digests>;
};

export function createDigestResolver(core: EcsCore): DigestResolver {
  const underWay = new Map<string, Promise<void>>();

  async function digestsFor(task: Task, signal: AbortSignal): Promise<Digests> {
    const { deployment = "" } = task.internal;
    for (;;) {
      const found = settled(core, task);
      if (found !== undefined || signal.aborted) return found ?? {};
      // Whoever comes meanwhile waits: two tasks of one deployment must not see a tag on either side of its move.
      const resolving = underWay.get(deployment) ?? begin(task, signal);
      await resolving;
    }
  }

  function begin(task: Task, signal: AbortSignal): Promise<void> {
    const { deployment = "" } = task.internal;
    const resolving = resolve(core, task, signal).finally(() => underWay.delete(deployment));
    underWay.set(deployment, resolving);
    return resolving;
  }

  return { digestsFor };
}

/** The digests to use, as soon as there is nothing left to resolve. */
function settled(core: EcsCore, task: Task): Digests | undefined {
  const { deployment, definition } = partsOf(core, task);
  if (!deployment || !definition || !isConsistent(core, task)) return {};
  const { digests, resolutions } = deployment.internal;
  const open = consistentContainers(definition).filter((name) => digests[name] === undefined);
  return open.length === 0 || resolutions >= ATTEMPTS ? digests : undefined;
}

function isConsistent(core: EcsCore, { containerInstanceArn }: Task): boolean {
  const instance = containerInstanceArn && core.state.instances.get(containerInstanceArn);
  return !instance || agentIsAtLeast(instance.versionInfo.agentVersion, CONSISTENT_SINCE);
}

/** Containers that did not opt out by `versionConsistency: disabled`. */
function consistentContainers({ containerDefinitions }: TaskDefinition): readonly string[] {
  return containerDefinitions.filter((one) => one.versionConsistency !== "disabled").map(({ name }) => name);
}

/** One attempt at all that is open. A failure is counted; the task's own pull will say what is wrong. */
async function resolve(core: EcsCore, task: Task, signal: AbortSignal): Promise<void> {
  const { deployment, definition } = partsOf(core, task);
  if (!deployment || !definition) return;
  const digests: Record<string, string> = { ...deployment.internal.digests };
  let failed = 0;
  for (const name of consistentContainers(definition)) {
    if (digests[name] !== undefined) continue;
    const image = definition.containerDefinitions.find((one) => one.name === name)?.image ?? "";
    try {
      digests[name] = await core.puller.resolve(pullRequest(core, { task, definition, image, signal }));
    } catch {
      failed = 1;
    }
  }
  if (!signal.aborted) note(core, task, { digests, failed });
}

function note(
  core: EcsCore,
  task: Task,
  { digests, failed }: { readonly digests: Digests; readonly failed: number },
): void {
  const { service, deployment } = partsOf(core, task);
  if (!service || !deployment) return;
  const resolutions = deployment.internal.resolutions + failed;
  core.state.services.set(
    withDeployment(core, service, { id: deployment.id, internal: { digests, resolutions } }),
  );
}

function partsOf(
  core: EcsCore,
  { internal, taskDefinitionArn }: Task,
): {
  readonly service?: Service | undefined;
  readonly deployment?: Deployment | undefined;
  readonly definition?: TaskDefinition | undefined;
} {
  const service = core.state.services.get(internal.service ?? "");
  const deployment = service?.deployments.find(({ id }) => id === internal.deployment);
  return { service, deployment, definition: core.state.taskDefinitions.get(taskDefinitionArn) };
}
