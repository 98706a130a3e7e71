import { type Check, type RoleView, rolesOf, type Snapshots, type Statement } from "./resources.ts";

/** The functions that may act on a registry. Whoever adds one here has decided that it may. */
const ACTING = ["tallyman-reconcile"];

/** The hub's roles trust one service each; a member's trust EventBridge, or named roles of the hub that know the external id. */
export const rolesTrustOnlyTheirOwn: Check = ({ hub, member }) => [
  ...rolesOf(hub)
    .filter((role) => !role.trust.every(isOneService))
    .map(distrust),
  ...rolesOf(member)
    .filter((role) => !role.trust.every((statement) => isOneService(statement) || isNamedRoles(statement)))
    .map(distrust),
];

function distrust({ name, trust }: RoleView): string {
  return `role ${name} trusts more than it should: ${JSON.stringify(trust)}`;
}

function isOneService({ Principal }: Statement): boolean {
  if (Principal === undefined || Principal === "*") return false;
  return Object.keys(Principal).join() === "Service" && Principal["Service"]?.length === 1;
}

function isNamedRoles({ Principal, Condition }: Statement): boolean {
  if (Principal === undefined || Principal === "*" || Object.keys(Principal).join() !== "AWS") return false;
  const exact = /^arn:aws:iam::\$\{HubAccount\}:role\/tallyman-[a-z-]+$/;
  const externalId = Condition?.["StringEquals"]?.["sts:ExternalId"] ?? [];
  return (Principal["AWS"] ?? []).every((arn) => exact.test(arn)) && externalId.length === 1;
}

/** Both halves: who is allowed to assume the writer, and whom the writer trusts. */
export const onlyActingFunctionsWrite: Check = (snapshots) => [
  ...whoMayAssume(snapshots, "tallyman-writer")
    .filter(isNotActing)
    .map((name) => `role ${name} may assume the writer`),
  ...whomTrusts(snapshots, "tallyman-writer")
    .filter(isNotActing)
    .map((name) => `the writer trusts ${name}`),
];

function isNotActing(name: string): boolean {
  return !ACTING.includes(name);
}

/** A role that may be assumed by trust alone, or by grant alone, is a mistake in one of the two. */
export const trustMatchesGrants: Check = (snapshots) =>
  ["tallyman-reader", "tallyman-writer"].flatMap((role) => {
    const granted = whoMayAssume(snapshots, role).toSorted();
    const trusted = whomTrusts(snapshots, role).toSorted();
    if (granted.join() === trusted.join()) return [];
    return [`${role} trusts [${trusted}], but [${granted}] are allowed to assume it`];
  });

function whoMayAssume({ hub }: Snapshots, role: string): string[] {
  return rolesOf(hub)
    .filter(({ grants }) => grants.some((statement) => allowsToAssume(statement, role)))
    .map(({ name }) => name);
}

function allowsToAssume({ Effect, Action, Resource = [] }: Statement, role: string): boolean {
  const onRole = Resource.some((arn) => arn === "*" || arn.endsWith("/*") || arn.endsWith(`:role/${role}`));
  return Effect === "Allow" && Action.includes("sts:AssumeRole") && onRole;
}

function whomTrusts({ member }: Snapshots, role: string): string[] {
  return rolesOf(member)
    .filter(({ name }) => name === role)
    .flatMap(({ trust }) => trust)
    .flatMap(({ Principal }) =>
      Principal === undefined || Principal === "*" ? ["*"] : (Principal["AWS"] ?? []),
    )
    .map((arn) => arn.slice(arn.lastIndexOf("/") + 1));
}
