import { awsEcsLook } from "@tallyman/aws/doctor/ecs-look";
import { awsLambdaLook } from "@tallyman/aws/doctor/lambda-look";
import { awsRegistryLook } from "@tallyman/aws/doctor/registry-look";
import { awsRoleLook } from "@tallyman/aws/doctor/role-look";
import { examineEcs } from "@tallyman/domain/doctor/examine-ecs";
import { examineLambda } from "@tallyman/domain/doctor/examine-lambda";
import { examineRegistry } from "@tallyman/domain/doctor/examine-registry";
import type { DoctorFinding } from "@tallyman/domain/doctor/finding";
import { UsageError } from "../errors.ts";
import { type DoctorDeps, type PlaceOptions, type Visited, visit } from "./doctor-place.ts";
import { type ReportOptions, report } from "./doctor-report.ts";

export type DoctorOptions = PlaceOptions & Omit<ReportOptions, "terminal">;

export type EcsOptions = DoctorOptions & {
  readonly cluster?: string | undefined;
  readonly service?: string | undefined;
  readonly instanceRole?: string | undefined;
};

/** `tallyman doctor ecs` */
export function doctorEcs(options: EcsOptions, deps: DoctorDeps): Promise<void> {
  const { cluster, service, instanceRole } = options;
  if (instanceRole !== undefined && !/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(instanceRole))
    throw new UsageError(`"${instanceRole}" is not the ARN of a role, arn:aws:iam::<account>:role/<name>.`);
  return examine(options, deps, ({ place, connection }) =>
    examineEcs(
      { ...awsEcsLook(connection), ...awsRoleLook(connection), ...awsRegistryLook(connection, place) },
      {
        place,
        ...(cluster !== undefined && { cluster: withoutArn(cluster) }),
        ...(service !== undefined && { service: withoutArn(service) }),
        ...(instanceRole !== undefined && { instanceRole }),
      },
    ),
  );
}

/** `tallyman doctor lambda` */
export function doctorLambda(
  options: DoctorOptions & { readonly function?: string | undefined },
  deps: DoctorDeps,
): Promise<void> {
  return examine(options, deps, ({ place, connection }) =>
    examineLambda(
      { ...awsLambdaLook(connection), ...awsRoleLook(connection), ...awsRegistryLook(connection, place) },
      { place, ...(options.function !== undefined && { function: options.function }) },
    ),
  );
}

/** `tallyman doctor registry` */
export function doctorRegistry(
  options: DoctorOptions & { readonly repository?: string | undefined },
  deps: DoctorDeps,
): Promise<void> {
  return examine(options, deps, ({ place, connection }) =>
    examineRegistry(awsRegistryLook(connection, place), {
      place,
      ...(options.repository !== undefined && { repository: options.repository }),
    }),
  );
}

async function examine(
  options: DoctorOptions,
  deps: DoctorDeps,
  look: (visited: Visited) => AsyncIterable<DoctorFinding>,
): Promise<void> {
  const { terminal } = deps;
  const visited = await visit(options, deps);
  const findings: DoctorFinding[] = [];
  for await (const finding of look(visited)) {
    findings.push(finding);
    terminal.progress(`${findings.length} checks, ${finding.subject} ...`);
  }
  report(findings, visited.place, {
    terminal,
    json: options.json,
    wide: options.wide,
    strict: options.strict,
  });
}

/** `web` of its ARN, `arn:aws:ecs:...:service/prod/web`, or of `web`. */
function withoutArn(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
