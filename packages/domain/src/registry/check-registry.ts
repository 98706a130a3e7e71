import { type Finding, notOk, ok } from "./finding.ts";
import { FORWARDING_RULES, type ForwardingRule } from "./forwarding-rules.ts";
import { ProbeFailedError, type RegistryProbe, type RuleAsIs } from "./probe.ts";
import { type Registry, registryName } from "./registry.ts";
import type { RegistryFinding } from "./registry-records.ts";
import {
  askableRemedy,
  type BrokenRule,
  exclusionRemedy,
  forwardingRemedy,
  type Place,
  reachableRemedy,
  roleRemedy,
} from "./remedies.ts";

export type CheckRequest = {
  readonly registry: Registry;
  /** The registry of its account that carries the account's roles. */
  readonly rolesAt: Registry;
  /** Where the forwarding rules must send: the hub's bus. */
  readonly hubBusArn: string;
  readonly readerRoleName: string;
  readonly writerRoleName: string;
};

type Check = RegistryFinding["check"];

/**
 * Everything that must hold for a registry to be watched, one finding each, in this order. Who cannot be asked yields a
 * finding, never an error; what only the reader could find out is said to be unknown while the reader cannot be assumed.
 */
export async function checkRegistry(
  probe: RegistryProbe,
  request: CheckRequest,
): Promise<readonly RegistryFinding[]> {
  const place = { registry: request.registry, rolesAt: request.rolesAt };
  const reader = await look("reader-role", () =>
    role(request.readerRoleName, () => probe.assumeReader(), place),
  );
  const asReader = (check: Check, find: () => Promise<Finding>) =>
    reader.ok ? look(check, find) : unasked(check);
  return [
    await asReader("reachable", () => reachable(probe, place)),
    reader,
    await look("writer-role", () => role(request.writerRoleName, () => probe.assumeWriter(), place)),
    await asReader("exclusion", () => exclusion(probe, request, place)),
    await asReader("forwarding", () => forwarding(probe, request, place)),
  ];
}

async function look(check: Check, find: () => Promise<Finding>): Promise<RegistryFinding> {
  return { check, ...(await find()) };
}

function unasked(check: Check): RegistryFinding {
  const reason = "not looked at: it takes the reader role, which cannot be assumed";
  return { check, ok: false, reason, blockedBy: "reader-role" };
}

async function reachable(probe: RegistryProbe, place: Place): Promise<Finding> {
  const problem = await problemOf(() => probe.describe());
  if (!problem) return ok(`ECR answers in ${registryName(place.registry)}`);
  return notOk(problem.message, reachableRemedy(place, problem));
}

async function role(name: string, assume: () => Promise<void>, place: Place): Promise<Finding> {
  const problem = await problemOf(assume);
  if (!problem) return ok(`${name} can be assumed`);
  return notOk(problem.message, roleRemedy(place, name));
}

async function exclusion(probe: RegistryProbe, request: CheckRequest, place: Place): Promise<Finding> {
  const { readerRoleName } = request;
  let registered = false;
  const problem = await problemOf(async () => {
    registered = await probe.isExclusionRegistered();
  });
  if (problem) return notOk(problem.message, askableRemedy(place));
  if (registered) return ok(`reads of ${readerRoleName} do not count as pulls`);
  return notOk(
    `${readerRoleName} is not registered as a pull-time exclusion, so no manifest is read here`,
    exclusionRemedy(place),
  );
}

async function forwarding(probe: RegistryProbe, request: CheckRequest, place: Place): Promise<Finding> {
  const found: { readonly rule: ForwardingRule; readonly asIs: RuleAsIs | undefined }[] = [];
  const problem = await problemOf(async () => {
    for (const rule of FORWARDING_RULES) found.push({ rule, asIs: await probe.findRule(rule.name) });
  });
  if (problem) return notOk(problem.message, askableRemedy(place));
  const wrong = found.flatMap(({ rule, asIs }) => ruleProblem(rule, asIs, request.hubBusArn) ?? []);
  if (wrong.length === 0) return ok(`${found.length} rules forward to ${request.hubBusArn}`);
  return notOk(wrong.map(({ reason }) => reason).join("; "), forwardingRemedy(place, wrong));
}

type RuleProblem = BrokenRule & { readonly reason: string };

function ruleProblem(
  rule: ForwardingRule,
  asIs: RuleAsIs | undefined,
  hubBusArn: string,
): RuleProblem | undefined {
  const problem = (reason: string, disabled = false) => ({
    rule,
    reason: `${rule.name} ${reason}`,
    disabled,
  });
  if (!asIs) return problem("is not there");
  if (asIs.state === "DISABLED") return problem("is disabled", true);
  if (asIs.state !== rule.state && rule.state !== "ENABLED")
    return problem(`is ${asIs.state} and hears of no lifecycle run`);
  if (asIs.targets.includes(hubBusArn)) return undefined;
  const targets = asIs.targets.length === 0 ? "nowhere" : `to ${asIs.targets.join(", ")}`;
  return problem(`sends ${targets} instead of to ${hubBusArn}`);
}

/** Why it could not be done; undefined: it was. */
async function problemOf(attempt: () => Promise<void>): Promise<ProbeFailedError | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (error instanceof ProbeFailedError) return error;
    throw error;
  }
}
