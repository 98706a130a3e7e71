import { describe, expect, test } from "vitest";
import { HUB_BUS_ARN, memoryProbes, type Watched } from "../../../../test/fakes/memory-probes.ts";
import { checkRegistry } from "./check-registry.ts";
import { ProbeFailedError } from "./probe.ts";
import type { RegistryFinding } from "./registry-records.ts";

const WEST = { account: "444455556666", region: "us-west-2" };
const EAST = { ...WEST, region: "us-east-1" };
const REFUSED = new ProbeFailedError("x failed: AccessDenied", { refused: true });
const BROKEN = new ProbeFailedError("x failed: InternalError", { refused: false });
const DEPLOY_WEST = "TALLYMAN_REGISTRY=444455556666/us-west-2 npx sst deploy";

async function findingsWith(breakIt: (watched: Watched) => void): Promise<readonly RegistryFinding[]> {
  const { watched, probes, hub } = memoryProbes();
  breakIt(watched);
  const { busArn: hubBusArn, ...roles } = hub;
  return checkRegistry(probes.probe(WEST), { registry: WEST, rolesAt: EAST, hubBusArn, ...roles });
}

function rule(name: string, change: { readonly state?: string; readonly targets?: readonly string[] }) {
  return ({ rules }: Watched) => {
    const asIs = rules.get(name);
    if (asIs) rules.set(name, { ...asIs, ...change });
  };
}

test("a registry that is watched as it should be has every finding, in one order, and all are ok", async () => {
  const findings = await findingsWith(() => undefined);
  expect(findings.map(({ check }) => check)).toEqual([
    "reachable",
    "reader-role",
    "writer-role",
    "exclusion",
    "forwarding",
  ]);
  expect(findings.every(({ ok, reason, remedy }) => ok && reason !== "" && remedy === undefined)).toBe(true);
});

describe("one thing that is wrong is one finding with its reason and its remedy, and nothing else is:", () => {
  test.each<[string, RegistryFinding["check"], (watched: Watched) => void, RegExp, RegExp]>([
    [
      "ECR failing",
      "reachable",
      ({ failing }) => failing.set("describe", BROKEN),
      /InternalError/,
      /Health Dashboard for Amazon ECR in us-west-2/,
    ],
    [
      "ECR refusing",
      "reachable",
      ({ failing }) => failing.set("describe", REFUSED),
      /AccessDenied/,
      /TALLYMAN_REGISTRY=444455556666\/us-east-1/,
    ],
    [
      "a writer that does not trust us",
      "writer-role",
      ({ failing }) => failing.set("assumeWriter", REFUSED),
      /AccessDenied/,
      /carries tallyman-writer.*TALLYMAN_REGISTRY=444455556666\/us-east-1/,
    ],
    [
      "an exclusion that is gone",
      "exclusion",
      (watched) => {
        watched.exclusion = false;
      },
      /tallyman-reader is not registered/,
      /tallyman resume.*TALLYMAN_REGISTRY=444455556666\/us-west-2/,
    ],
    [
      "exclusions that cannot be listed",
      "exclusion",
      ({ failing }) => failing.set("isExclusionRegistered", BROKEN),
      /InternalError/,
      /^Check again/,
    ],
    [
      "rules that cannot be looked at",
      "forwarding",
      ({ failing }) => failing.set("findRule", REFUSED),
      /AccessDenied/,
      /^Check again.*TALLYMAN_REGISTRY=444455556666\/us-east-1/,
    ],
    [
      "a rule that is gone",
      "forwarding",
      ({ rules }) => rules.delete("tallyman-forward-calls"),
      /^tallyman-forward-calls is not there$/,
      new RegExp(`^Deploy the member stack: .*${DEPLOY_WEST.split(" ")[0]}`),
    ],
    [
      "a rule that is disabled",
      "forwarding",
      rule("tallyman-forward", { state: "DISABLED" }),
      /^tallyman-forward is disabled$/,
      /^With credentials of account 444455556666: aws events enable-rule --name tallyman-forward --region us-west-2$/,
    ],
    [
      "a rule that needs reads and is disabled",
      "forwarding",
      rule("tallyman-forward-service-events", { state: "DISABLED" }),
      /^tallyman-forward-service-events is disabled$/,
      /^Deploy the member stack/,
    ],
    [
      "a rule that was enabled without reads",
      "forwarding",
      rule("tallyman-forward-service-events", { state: "ENABLED" }),
      /is ENABLED and hears of no lifecycle run/,
      /^Deploy the member stack/,
    ],
    [
      "a rule without target",
      "forwarding",
      rule("tallyman-forward", { targets: [] }),
      /sends nowhere instead of to arn:aws:events:us-east-1:111122223333:event-bus\/tallyman/,
      /^Deploy the member stack/,
    ],
    [
      "a rule that sends to another hub",
      "forwarding",
      rule("tallyman-forward", { targets: [HUB_BUS_ARN.replace("111122223333", "999988887777")] }),
      /sends to arn:aws:events:us-east-1:999988887777/,
      /^Deploy the member stack/,
    ],
  ])("%s", async (_, check, breakIt, reason, remedy) => {
    const findings = await findingsWith(breakIt);
    expect(findings.filter(({ ok }) => !ok)).toEqual([
      { check, ok: false, reason: expect.stringMatching(reason), remedy: expect.stringMatching(remedy) },
    ]);
  });
});

test("a rule that hears of more than it must is no problem", async () => {
  const state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
  const findings = await findingsWith(rule("tallyman-forward", { state }));
  expect(findings.every(({ ok }) => ok)).toBe(true);
});

test("two rules that are wrong are both named", async () => {
  const findings = await findingsWith((watched) => {
    rule("tallyman-forward", { state: "DISABLED" })(watched);
    watched.rules.delete("tallyman-forward-calls");
  });
  expect(findings.at(-1)).toMatchObject({
    reason: "tallyman-forward is disabled; tallyman-forward-calls is not there",
    remedy: expect.stringMatching(/^Deploy the member stack/),
  });
});

test("while the reader cannot be assumed, what only it could find out is unknown, and not remedied on its own", async () => {
  const findings = await findingsWith(({ failing }) => failing.set("assumeReader", REFUSED));
  const unknown = { ok: false, blockedBy: "reader-role", reason: expect.stringMatching(/^not looked at/) };
  expect(findings).toEqual([
    { check: "reachable", ...unknown },
    {
      check: "reader-role",
      ok: false,
      reason: "x failed: AccessDenied",
      remedy: expect.stringMatching(/carries tallyman-reader, with the hub's external id/),
    },
    { check: "writer-role", ok: true, reason: "tallyman-writer can be assumed" },
    { check: "exclusion", ...unknown },
    { check: "forwarding", ...unknown },
  ]);
});

test("an error of ours is no finding", async () => {
  const { probes, hub } = memoryProbes();
  const probe = { ...probes.probe(WEST), describe: () => Promise.reject(new TypeError("a bug")) };
  const { busArn: hubBusArn, ...roles } = hub;
  const checked = checkRegistry(probe, { registry: WEST, rolesAt: EAST, hubBusArn, ...roles });
  await expect(checked).rejects.toThrow("a bug");
});
