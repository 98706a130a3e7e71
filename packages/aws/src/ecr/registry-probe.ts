import { DescribeRegistryCommand, DescribeRepositoriesCommand } from "@aws-sdk/client-ecr";
import { ProbeFailedError, type RegistryProbe, type RegistryProbes } from "@tallyman/domain/registry/probe";
import type { Registry } from "@tallyman/domain/registry/registry";
import { findRule } from "../eventbridge/find-rule.ts";
import { assumeRole, type StsLocation } from "../sts/assume-role.ts";
import { assumedRole } from "../sts/role-credentials.ts";
import { ecrClients } from "./ecr-clients.ts";
import { isPullTimeExclusion } from "./pull-time-exclusions.ts";

export type ProbeRoles = {
  readonly readerRoleName: string;
  readonly writerRoleName: string;
  readonly externalId: string;
  /** Shown in the other account's CloudTrail. */
  readonly sessionName: string;
};

/** A session under this policy may do nothing at all: what is tried is the role's trust. */
const ALLOWS_NOTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
});

/** Looks at registries through the roles of their accounts, assumed afresh for each look. */
export function awsRegistryProbes(sts: StsLocation, roles: ProbeRoles): RegistryProbes {
  return { probe: (registry) => probeOf(sts, roles, registry) };
}

function probeOf(sts: StsLocation, roles: ProbeRoles, registry: Registry): RegistryProbe {
  const { readerRoleName, writerRoleName, externalId, sessionName } = roles;
  const reader = assumedRole(sts, { roleName: readerRoleName, externalId, sessionName });
  const clients = ecrClients(reader);
  const credentials = reader(registry.account);
  const at = { registry, endpoint: sts.endpoint, credentials };
  return {
    assumeReader: () => attempt("sts:AssumeRole", async () => void (await credentials())),
    assumeWriter: () =>
      attempt("sts:AssumeRole", async () => {
        const roleArn = `arn:aws:iam::${registry.account}:role/${writerRoleName}`;
        await assumeRole(sts, { roleArn, externalId, sessionName, sessionPolicy: ALLOWS_NOTHING });
      }),
    async describe() {
      const ecr = clients(registry);
      await attempt("ecr:DescribeRegistry", () => ecr.send(new DescribeRegistryCommand({})));
      const first = new DescribeRepositoriesCommand({ maxResults: 1 });
      await attempt("ecr:DescribeRepositories", () => ecr.send(first));
    },
    isExclusionRegistered: () =>
      attempt("ecr:ListPullTimeUpdateExclusions", () =>
        isPullTimeExclusion(clients, registry, readerRoleName),
      ),
    findRule: (name) => attempt("events:DescribeRule", () => findRule(at, name)),
  };
}

async function attempt<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const problem = innermost(cause);
    const refused = /AccessDenied|NotAuthorized|ExplicitDeny/.test(`${codeOf(problem)} ${problem.message}`);
    throw new ProbeFailedError(`${operation} failed: ${sayingOf(problem)}`, { cause, refused });
  }
}

/** Errors of ours carry what AWS said as their cause. */
function innermost(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function codeOf(error: Error): string {
  return "code" in error ? `${error.name} ${String(error.code)}` : error.name;
}

function sayingOf(error: Error): string {
  const named = error.name === "Error" || error.message.includes(error.name);
  return named ? error.message : `${error.name}: ${error.message}`;
}
