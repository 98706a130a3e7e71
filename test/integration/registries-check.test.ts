import {
  DeregisterPullTimeUpdateExclusionCommand,
  RegisterPullTimeUpdateExclusionCommand,
} from "@aws-sdk/client-ecr";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { registryName } from "@tallyman/domain/registry/registry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { idle } from "../chaos/support/settle.ts";
import type { Item } from "../support/admin-api.ts";
import { Embedded } from "../support/embedded.ts";
import { readerOf, reconcile } from "../support/exclusions.ts";
import { createRepository, EAST, EUROPE, OTHER, REGISTRIES, WEST, withEcr } from "../support/registries.ts";
import { credentialsOf, type Registry, RegistryClient } from "../support/registry-client.ts";
import { callTallyman, type Run } from "../support/run-tallyman.ts";
import { deadLetters } from "../support/standing.ts";

let product: Embedded;
beforeAll(async () => {
  product = await Embedded.start();
});
afterAll(() => product?.dispose());

function tallyman(...args: readonly string[]): Promise<Run> {
  return callTallyman(args, product.url);
}

type Finding = {
  readonly check: string;
  readonly ok: boolean;
  readonly reason: string;
  readonly remedy?: string;
  readonly blockedBy?: string;
};

/** What a check of every registry finds not to be ok, and the command's exit code. */
async function checkAll(): Promise<{
  readonly code: number | null;
  readonly wrong: Record<string, Finding[]>;
}> {
  const { code, stdout } = await tallyman("registries", "check", "--json");
  const items: readonly Item[] = JSON.parse(stdout).items;
  expect(items.map(nameOf).toSorted()).toEqual(REGISTRIES.map(registryName).toSorted());
  const wrong = items.map((item): [string, Finding[]] => [
    nameOf(item),
    (item["check"] as { readonly findings: Finding[] }).findings.filter(({ ok }) => !ok),
  ]);
  return { code, wrong: Object.fromEntries(wrong.filter(([, findings]) => findings.length > 0)) };
}

function nameOf(item: Item): string {
  return `${item["account"]}/${item["region"]}`;
}

async function withEvents<T>(registry: Registry, run: (events: EventBridgeClient) => Promise<T>): Promise<T> {
  const { account, region } = registry;
  const events = new EventBridgeClient({
    endpoint: product.url,
    region,
    credentials: credentialsOf(account),
  });
  try {
    return await run(events);
  } finally {
    events.destroy();
  }
}

const swap = (body: object) => product.control("POST", "policy", body);
const NOBODY = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::111122223333:user/nobody" },
      Action: "sts:AssumeRole",
    },
  ],
};

const noRetries = async () => {
  await product.atRest();
  expect(await deadLetters(product)).toMatchObject({ ReconcileDeadLetters: 0 });
};

test("of a fresh deployment every registry is watched as it should be", async () => {
  expect(await checkAll()).toEqual({ code: 0, wrong: {} });
});

type Trial = {
  readonly what: string;
  readonly at: Registry;
  readonly breakIt: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
  readonly finding: Partial<Record<keyof Finding, unknown>>;
};

const exclusion = (registry: Registry) => ({ principalArn: readerOf(registry) });
const like = (pattern: RegExp) => expect.stringMatching(pattern);

const TRIALS: readonly Trial[] = [
  {
    what: "its pull-time exclusion is deregistered",
    at: WEST,
    breakIt: () =>
      withEcr(product.url, WEST, (ecr) =>
        ecr.send(new DeregisterPullTimeUpdateExclusionCommand(exclusion(WEST))),
      ),
    mend: () =>
      withEcr(product.url, WEST, (ecr) =>
        ecr.send(new RegisterPullTimeUpdateExclusionCommand(exclusion(WEST))),
      ),
    finding: { check: "exclusion", reason: like(/not registered/), remedy: like(/tallyman resume/) },
  },
  {
    what: "a rule that forwards its events is disabled",
    at: EUROPE,
    breakIt: () => withEvents(EUROPE, (it) => it.send(new DisableRuleCommand({ Name: "tallyman-forward" }))),
    mend: () => withEvents(EUROPE, (it) => it.send(new EnableRuleCommand({ Name: "tallyman-forward" }))),
    finding: {
      check: "forwarding",
      reason: "tallyman-forward is disabled",
      remedy: like(/aws events enable-rule --name tallyman-forward --region eu-central-1$/),
    },
  },
  {
    what: "its writer trusts somebody else",
    at: OTHER,
    breakIt: () =>
      swap({ role: `arn:aws:iam::${OTHER.account}:role/tallyman-writer`, assumeRolePolicy: NOBODY }),
    mend: () => swap({ restore: true }),
    finding: {
      check: "writer-role",
      reason: like(/tallyman-writer was not assumed: 403 AccessDenied/),
      remedy: like(/with the hub's external id: .*TALLYMAN_REGISTRY=444455556666\/us-east-1/),
    },
  },
];

describe("when one thing is wrong with one registry, exactly that is found there, and a command mends it:", () => {
  test.each(TRIALS.map((trial) => [trial.what, trial] as const))("%s", async (_, trial) => {
    await trial.breakIt();
    const { code, wrong } = await checkAll();
    expect(code).toBe(1);
    expect(wrong).toEqual({ [registryName(trial.at)]: [{ ok: false, ...trial.finding }] });
    await trial.mend();
    expect(await checkAll()).toEqual({ code: 0, wrong: {} });
    await noRetries();
  });
});

test("a registry whose reader trusts somebody else: its other findings are unknown, the writer's stands", async () => {
  const role = `arn:aws:iam::${OTHER.account}:role/tallyman-reader`;
  await swap({ role, assumeRolePolicy: NOBODY });
  const { code, wrong } = await checkAll();
  expect(code).toBe(1);
  const unknown = { ok: false, blockedBy: "reader-role", reason: like(/^not looked at/) };
  expect(wrong).toEqual({
    [registryName(OTHER)]: [
      { check: "reachable", ...unknown },
      {
        check: "reader-role",
        ok: false,
        reason: like(/tallyman-reader was not assumed: 403 AccessDenied/),
        remedy: like(/carries tallyman-reader/),
      },
      { check: "exclusion", ...unknown },
      { check: "forwarding", ...unknown },
    ],
  });
  await swap({ restore: true });
  expect(await checkAll()).toEqual({ code: 0, wrong: {} });
});

test("ECR answering 500: it is not reachable, everything else about it is still found out, nothing is tried for ever", async () => {
  const failure = { status: 500, code: "ServerException" };
  await product.control("POST", "faults", { operations: { "ecr:DescribeRegistry": failure } });
  const { code, wrong } = await checkAll();
  expect(code).toBe(1);
  const finding = {
    check: "reachable",
    ok: false,
    reason: like(/ecr:DescribeRegistry.*Server/),
    remedy: like(/Health/),
  };
  expect(wrong).toEqual(Object.fromEntries(REGISTRIES.map((it) => [registryName(it), [finding]])));
  await noRetries();
  await product.control("POST", "faults", { operations: {} });
  expect(await checkAll()).toEqual({ code: 0, wrong: {} });
});

test("EventBridge failing is a finding about forwarding", async () => {
  const failure = { status: 500, code: "InternalException" };
  await product.control("POST", "faults", { operations: { "events:DescribeRule": failure } });
  const { wrong } = await checkAll();
  const finding = {
    check: "forwarding",
    ok: false,
    reason: like(/InternalException/),
    remedy: like(/^Check again/),
  };
  expect(wrong).toEqual(Object.fromEntries(REGISTRIES.map((it) => [registryName(it), [finding]])));
  await product.control("POST", "faults", { operations: {} });
});

test("a rule that is removed, target and all, is named, and only a deployment brings it back", async () => {
  const Rule = "tallyman-forward-service-events";
  await withEvents(WEST, async (events) => {
    const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule }));
    await expect(events.send(new DeleteRuleCommand({ Name: Rule }))).rejects.toThrow(/has targets/);
    await events.send(new RemoveTargetsCommand({ Rule, Ids: Targets.map(({ Id }) => Id ?? "") }));
    const without = (await checkAll()).wrong[registryName(WEST)];
    expect(without).toMatchObject([{ check: "forwarding", reason: like(/sends nowhere/) }]);
    await events.send(new DeleteRuleCommand({ Name: Rule }));
    await expect(events.send(new DescribeRuleCommand({ Name: Rule }))).rejects.toThrow(/does not exist/);
  });
  const { code, wrong } = await checkAll();
  expect(code).toBe(1);
  expect(wrong).toEqual({
    [registryName(WEST)]: [
      {
        check: "forwarding",
        ok: false,
        reason: `${Rule} is not there`,
        remedy: like(/^Deploy the member stack: .*TALLYMAN_REGISTRY=111122223333\/us-west-2/),
      },
    ],
  });
  const { code: one, stdout } = await tallyman("registries", "check", "--registry", registryName(WEST));
  expect(one).toBe(1);
  expect(stdout).toContain(`NOT OK  forwarding   ${Rule} is not there`);
  expect(stdout).not.toContain(registryName(EAST).padEnd(60));
  expect((await tallyman("registries", "check", "--registry", registryName(EAST))).code).toBe(0);
});

test("what is listed of a registry: its last event, its last reconcile, its last check", async () => {
  await createRepository(product.url, EAST, "team/app");
  const client = await RegistryClient.login(product.url, EAST);
  await client.pushImage("team/app", "1.0.0", "an image");
  await product.until("it is heard of", async () => (await idle(product, 0.3)).idle);
  // Events are counted a minute after the last one.
  await product.control("POST", "clock", { advance: "PT61S" });
  await reconcile(product);
  const listed = await product.until("the event is counted", async () => {
    const items = await product.api.list("/registries", { limit: "1" });
    return items.find((item) => nameOf(item) === registryName(EAST) && item["lastEventAt"]) && items;
  });
  expect(listed.map(nameOf)).toEqual(REGISTRIES.map(registryName).toSorted());
  for (const item of listed) {
    expect(item).toMatchObject({
      stale: false,
      run: { completedAt: like(/Z$/) },
      check: { findings: { length: 5 } },
    });
  }
  const { code, stdout } = await tallyman("registries");
  expect(code).toBe(0);
  const east = stdout.split("\n").find((line) => line.startsWith(registryName(EAST)));
  expect(east).toMatch(/^111122223333\/us-east-1 +\d{4}-\d\d-\d\d \S+Z +\d{4}-\d\d-\d\d \S+Z .* ok +ok$/);
});

test("a check is asked for by operators, of declared registries, and need not be waited for", async () => {
  const asked = await product.api.post("/registries/check", { registry: { ...EAST, region: "eu-west-3" } });
  expect(asked).toMatchObject({ status: 404, body: { detail: like(/is not declared/) } });
  const { code, stderr } = await tallyman("registries", "check", "--no-wait");
  expect([code, stderr]).toEqual([0, like(/4 checks queued/)]);
  await noRetries();
});
