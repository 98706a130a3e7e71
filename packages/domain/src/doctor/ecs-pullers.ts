import type { RepositoryRef } from "../registry/repository.ts";
import type { ContainerInstanceFacts, EcsWorkload, Place, TaskDefinitionFacts } from "./facts.ts";
import { type Opinion, problem, type Said, unknown } from "./finding.ts";
import type { Looked, Unseen } from "./looked.ts";
import type { RoleLook } from "./ports.ts";
import { checkPuller, type PullerLook, type PullerRef } from "./puller.ts";
import { uniqueBy } from "./unique-by.ts";

/** A workload, where it runs and what of: everything that decides who pulls. */
export type Pulling = {
  readonly workload: EcsWorkload;
  readonly instances: Looked<readonly ContainerInstanceFacts[]>;
  readonly definition: TaskDefinitionFacts;
};

/** Fargate pulls with the execution role; an instance's agent too, where there is one, and else with the instance's own. */
export async function pullersSay(
  look: PullerLook & RoleLook,
  { place, instanceRole }: { readonly place: Place; readonly instanceRole?: string },
  { workload, instances, definition }: Pulling,
  repositories: readonly RepositoryRef[],
): Promise<readonly Said[]> {
  const { executionRole } = definition;
  if (executionRole !== undefined)
    return checkPuller(look, { arn: executionRole, as: "execution" }, { repositories, place });
  if (workload.launchType === "FARGATE") return [{ check: "role", ...noExecutionRole(definition) }];
  const roles = await instanceRoles(look, instances, instanceRole);
  const said = [...roles.said];
  for (const puller of roles.pullers)
    said.push(...(await checkPuller(look, puller, { repositories, place })));
  return said;
}

function noExecutionRole({ name }: TaskDefinitionFacts): Opinion {
  return problem(
    `task definition ${name} names no execution role: on Fargate nothing else could pull from ECR`,
    "Name one (executionRoleArn) that has AWS's policy service-role/AmazonECSTaskExecutionRolePolicy.",
    { taskDefinition: name },
  );
}

type Roles = { readonly pullers: readonly PullerRef[]; readonly said: readonly Said[] };

async function instanceRoles(
  look: RoleLook,
  instances: Pulling["instances"],
  named?: string,
): Promise<Roles> {
  if (named !== undefined) return { pullers: [{ arn: named, as: "instance" }], said: [] };
  if ("unseen" in instances)
    return {
      pullers: [],
      said: [{ check: "role", ...byHand(unknown("container instances", instances.unseen)) }],
    };
  if (instances.seen.length === 0) return { pullers: [], said: [{ check: "role", ...noInstances() }] };
  const arns = new Set<string>();
  const said: Said[] = [];
  for (const { id, ec2Instance } of instances.seen) {
    const found: Looked<string | undefined> =
      ec2Instance === undefined ? { unseen: external(id) } : await look.findInstanceRole(ec2Instance);
    if ("unseen" in found)
      said.push({ check: "role", ...byHand(unknown(`the role of instance ${id}`, found.unseen)) });
    else if (found.seen === undefined) said.push({ check: "role", ...noProfile(ec2Instance ?? id) });
    else arns.add(found.seen);
  }
  return {
    pullers: [...arns].map((arn) => ({ arn, as: "instance" })),
    said: uniqueBy(said, (it) => it.reason),
  };
}

function byHand(opinion: Opinion): Opinion {
  return { ...opinion, remedy: `${opinion.remedy} Or name the role: --instance-role <arn>.` };
}

function noInstances(): Opinion {
  return {
    verdict: "unknown",
    reason: "the cluster has no container instance now: nothing says with which role one would pull",
    remedy: "Name the role: --instance-role <arn>.",
    evidence: {},
  };
}

function external(id: string): Unseen {
  return { action: "ssm:DescribeInstanceInformation", reason: `${id} is no EC2 instance`, refused: false };
}

function noProfile(instance: string): Opinion {
  return problem(
    `instance ${instance} has no instance profile, and the task definition no execution role: nothing can pull`,
    "Give the instance a profile whose role has AWS's policy service-role/AmazonEC2ContainerServiceforEC2Role.",
    { instance },
  );
}
