import type { RepositoryRef } from "../registry/repository.ts";
import type { LookedPolicy, Place, RoleFacts } from "./facts.ts";
import { type Opinion, problem, type Said, unknown } from "./finding.ts";
import type { Looked } from "./looked.ts";
import type { RegistryLook, RoleLook } from "./ports.ts";
import { checkLogin, checkPull, type PullingRole } from "./pull-permissions.ts";
import { checkTrust } from "./trust.ts";

/** A role that pulls, by its ARN. */
export type PullerRef = { readonly arn: string; readonly as: PullingRole["as"] };

export type PullerLook = Pick<RoleLook, "findRole"> & Pick<RegistryLook, "findPolicy" | "findTags">;

const SERVICES = { execution: "ecs-tasks", instance: "ec2" } as const;

/** Whether the role can be assumed by what pulls with it, and may pull from each of the repositories. */
export async function checkPuller(
  look: PullerLook,
  { arn, as }: PullerRef,
  { repositories, place }: { readonly repositories: readonly RepositoryRef[]; readonly place: Place },
): Promise<readonly Said[]> {
  const found = await look.findRole(arn);
  if (!("seen" in found))
    return [{ check: "role", ...unknown(`${as} role ${arn}`, found.unseen, { role: arn }) }];
  if (found.seen === undefined) return [{ check: "role", ...noSuchRole(arn, as) }];
  const puller = { role: found.seen, as };
  const regions = [...new Set(repositories.map(({ region }) => region))];
  const said: Said[] = [{ check: "trust", ...checkTrust(puller.role, SERVICES[as], place) }];
  for (const region of regions) said.push({ check: "login", ...checkLogin(puller, region) });
  for (const repository of repositories) {
    const opinions = await pullOpinions(look, puller, repository);
    said.push(...opinions.map((opinion) => ({ check: "pull", ...opinion })));
  }
  return said;
}

async function pullOpinions(
  look: PullerLook,
  puller: PullingRole,
  repository: RepositoryRef,
): Promise<readonly Opinion[]> {
  const policy = await look.findPolicy(repository);
  const tags = asksForTags(puller.role, policy) ? await look.findTags(repository) : undefined;
  return checkPull(puller, { repository, policy, ...(tags && { tags }) });
}

/** A repository's tags are asked for only where a policy looks at them: that takes another permission. */
function asksForTags({ identity, boundary }: RoleFacts, policy: Looked<string | undefined>): boolean {
  const documents = [...identity, ...(boundary ? [boundary] : []), { name: "", document: policy }];
  return documents.some(mentionsTags);
}

function mentionsTags({ document }: LookedPolicy): boolean {
  if (!("seen" in document) || document.seen === undefined) return false;
  const text = typeof document.seen === "string" ? document.seen : JSON.stringify(document.seen);
  return /resourcetag\//i.test(text);
}

function noSuchRole(arn: string, as: string): Opinion {
  return problem(`${as} role ${arn} does not exist`, "Create it, or name one that exists.", { role: arn });
}
