import { checkAgentVersion } from "./agent-version.ts";
import { type Pulling, pullersSay } from "./ecs-pullers.ts";
import { type ExaminedImage, examineImage, repositoryOf } from "./examined-image.ts";
import type { EcsWorkload, Place, TaskDefinitionFacts } from "./facts.ts";
import { absent, type DoctorFinding, type Opinion, problem, type Said, subject, unknown } from "./finding.ts";
import { inOrder } from "./in-order.ts";
import type { Looked, Unseen } from "./looked.ts";
import type { EcsLook, RegistryLook, RoleLook } from "./ports.ts";
import { uniqueBy } from "./unique-by.ts";

export type EcsDoctorLook = EcsLook & RoleLook & RegistryLook;

export type EcsScope = {
  readonly place: Place;
  /** One cluster alone, by name. */
  readonly cluster?: string;
  readonly service?: string;
  /** ARN of the role that container instances have, where it is not to be looked up. */
  readonly instanceRole?: string;
};

/** What stands in the way of ECS pulling from ECR: services and tasks, and the container instances, cluster by cluster. */
export async function* examineEcs(look: EcsDoctorLook, scope: EcsScope): AsyncIterable<DoctorFinding> {
  const clusters = await chosenClusters(look, scope);
  if (clusters === undefined)
    return yield* subject(`cluster ${scope.cluster}`, [
      { check: "cluster", ...absent(`cluster ${scope.cluster}`) },
    ]);
  if ("unseen" in clusters)
    return yield* cannotList(`region ${scope.place.region}`, { check: "clusters", unseen: clusters.unseen });
  let looked = false;
  for (const cluster of clusters.seen)
    for await (const finding of examineCluster(look, scope, cluster)) {
      looked = true;
      yield finding;
    }
  if (scope.service === undefined || looked) return;
  const where = clusters.seen.map((cluster) => `cluster ${cluster}`).join(", ") || "any cluster";
  const what = `service ${scope.service} in ${where}`;
  yield* subject(`service ${scope.service}`, [{ check: "service", ...absent(what) }]);
}

/** Undefined: the one that was named is not there. */
async function chosenClusters(
  look: EcsLook,
  { cluster }: EcsScope,
): Promise<Looked<readonly string[]> | undefined> {
  if (cluster === undefined) return look.listClusters();
  const found = await look.findCluster(cluster);
  if ("unseen" in found) return found;
  return found.seen === undefined ? undefined : { seen: [found.seen] };
}

async function* examineCluster(
  look: EcsDoctorLook,
  scope: EcsScope,
  cluster: string,
): AsyncIterable<DoctorFinding> {
  const found = await chosenWorkloads(look, scope, cluster);
  const workloads = found.flatMap((it) => ("seen" in it ? it.seen : []));
  for (const it of found)
    if ("unseen" in it) yield* cannotList(`cluster ${cluster}`, { check: "workloads", unseen: it.unseen });
  const instances =
    scope.service === undefined || workloads.some(isOnInstances) ? await look.listInstances(cluster) : NONE;
  if ("unseen" in instances)
    yield* cannotList(`cluster ${cluster}`, { check: "container-instances", unseen: instances.unseen });
  for (const { ec2Instance, id, agentVersion } of "seen" in instances ? instances.seen : [])
    yield* subject(`instance ${cluster}/${ec2Instance ?? id}`, [
      { check: "agent-version", ...checkAgentVersion(agentVersion) },
    ]);
  yield* inOrder(workloads, (workload) => examineWorkload(look, scope, { workload, instances }));
}

const NONE: Pulling["instances"] = { seen: [] };

function isOnInstances({ launchType }: EcsWorkload): boolean {
  return launchType !== "FARGATE";
}

async function chosenWorkloads(
  look: EcsLook,
  { service }: EcsScope,
  cluster: string,
): Promise<readonly Looked<readonly EcsWorkload[]>[]> {
  if (service === undefined) return [await look.listServices(cluster), await look.listTasks(cluster)];
  const found = await look.findService({ cluster, name: service });
  if ("unseen" in found) return [found];
  // It may be in another cluster; the caller notices when it is in none.
  return found.seen === undefined ? [] : [{ seen: [found.seen] }];
}

type Running = { readonly workload: EcsWorkload; readonly instances: Pulling["instances"] };

async function examineWorkload(
  look: EcsDoctorLook,
  scope: EcsScope,
  running: Running,
): Promise<readonly DoctorFinding[]> {
  const { kind, cluster, name, taskDefinitions } = running.workload;
  const findings: DoctorFinding[] = [];
  for (const arn of taskDefinitions) {
    const found = await look.findTaskDefinition(arn);
    const said =
      "seen" in found && found.seen
        ? await examineDefinition(look, scope, { ...running, definition: found.seen })
        : [{ check: "task-definition", ...noDefinition(arn, found) }];
    const several = taskDefinitions.length > 1 ? ` (${arn.slice(arn.lastIndexOf("/") + 1)})` : "";
    findings.push(...subject(`${kind} ${cluster}/${name}${several}`, said));
  }
  return findings;
}

function noDefinition(arn: string, found: Looked<unknown>): Opinion {
  if ("unseen" in found) return unknown(`task definition ${arn}`, found.unseen, { taskDefinition: arn });
  return problem(`task definition ${arn} does not exist`, "Deploy one that exists.", { taskDefinition: arn });
}

async function examineDefinition(
  look: EcsDoctorLook,
  scope: EcsScope,
  running: Running & { readonly definition: TaskDefinitionFacts },
): Promise<readonly Said[]> {
  const { definition } = running;
  const images: ExaminedImage[] = [];
  for (const { image } of uniqueBy(definition.containers, ({ image }) => image))
    images.push(await examineImage(look, image, scope.place));
  const repositories = uniqueBy(
    images.flatMap(({ uri }) => (uri ? [repositoryOf(uri)] : [])),
    (it) => JSON.stringify(it),
  );
  const said = images.flatMap((image) => image.said);
  return repositories.length === 0
    ? said
    : [...said, ...(await pullersSay(look, scope, running, repositories))];
}

function* cannotList(
  where: string,
  { check, unseen }: { readonly check: string; readonly unseen: Unseen },
): Iterable<DoctorFinding> {
  yield { check, subject: where, ...unknown(check.replaceAll("-", " "), unseen) };
}
