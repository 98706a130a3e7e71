import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccountsFile } from "@tallyman/cloud/identity/accounts-file";
import { type Cloud, startCloud } from "@tallyman/cloud/start-cloud";
import { smallStacks } from "@tallyman/cloud/testing/small-stacks";
import { RESOLVED_FILE } from "@tallyman/domain/registry/registries-file";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readDeployment } from "../stacks/deployment.ts";
import { type Run, runTallyman } from "./support/run-tallyman.ts";

const ROOT = "r-ab12";
const PROD = "ou-ab12-prod1111";
const PAYMENTS = "ou-ab12-payments";
const SANDBOX = "ou-ab12-sandbox1";
const TEAMS = 45;

function teamId(n: number): string {
  return `7000000000${String(n).padStart(2, "0")}`;
}

function administrator(name: string, policies: readonly object[]) {
  return { name, accessKeyId: name, secretAccessKey: name, policies };
}

function lists(Resource: string | readonly string[], Action: string | readonly string[]) {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] };
}

const LIST = ["organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"];
const ofUnit = (id: string) => `arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/${id}`;

const ACCOUNTS = AccountsFile.parse({
  accounts: [
    {
      id: "111122223333",
      principals: [
        administrator("reader", [lists("*", LIST)]),
        administrator("prodonly", [lists([ofUnit(PROD), ofUnit(PAYMENTS)], LIST)]),
        administrator("nothing", [lists("*", "ecr:DescribeRepositories")]),
      ],
    },
    { id: "444455556666", principals: [administrator("member", [lists("*", LIST)])] },
  ],
  organization: {
    id: "o-a1b2c3d4e5",
    managementAccount: "111122223333",
    root: ROOT,
    units: [
      { id: PROD, name: "prod", parent: ROOT },
      { id: PAYMENTS, name: "payments", parent: PROD },
      { id: SANDBOX, name: "sandbox", parent: ROOT },
    ],
    accounts: [
      { id: "111122223333", name: "management", parent: ROOT },
      { id: "444455556666", name: 'the "shop"', parent: PROD },
      { id: "333333333333", name: "closed", parent: PROD, state: "SUSPENDED" },
      { id: "222222222222", name: "closing", parent: PAYMENTS, state: "PENDING_CLOSURE" },
      { id: "012345678901", name: "cards", parent: PAYMENTS },
      ...Array.from({ length: TEAMS }, (_, n) => ({ id: teamId(n), name: `team ${n}`, parent: SANDBOX })),
    ],
  },
});

const data = mkdtempSync(join(tmpdir(), "tallyman-organization-"));
let cloud: Cloud;
let folder: string;

beforeAll(async () => {
  const hubRegistry = { account: "111122223333", region: "us-east-1" };
  const place = { dataDirectory: data, bundlesDirectory: data, port: 0, accounts: ACCOUNTS };
  cloud = await startCloud({ ...smallStacks(), ...place, hubRegistry, registries: [hubRegistry] });
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(data, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-resolve-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function declare(units: string): void {
  writeFileSync(
    join(folder, "tallyman.registries.yaml"),
    `hub: 111122223333/us-east-1
registries: [111122223333/us-east-1]
organizationUnits: ${units}
organization: o-a1b2c3d4e5
externalId: { fromEnvironment: TALLYMAN_EXTERNAL_ID }
`,
  );
}

function resolve(args: readonly string[] = [], key = "reader"): Promise<Run> {
  const env = {
    AWS_ENDPOINT_URL_ORGANIZATIONS: cloud.url,
    AWS_ACCESS_KEY_ID: key,
    AWS_SECRET_ACCESS_KEY: key,
  };
  return runTallyman(["registries", "resolve", ...args], { cwd: folder, env });
}

const resolvedText = () => readFileSync(join(folder, RESOLVED_FILE), "utf8");
const deployment = () => readDeployment(folder, { TALLYMAN_EXTERNAL_ID: "an-external-id-of-some-length" });

describe("tallyman registries resolve", () => {
  test("writes the active accounts of a unit and of those below it, sorted, and the deployment has them", async () => {
    declare(`[{ id: ${PROD}, regions: [us-east-1, eu-west-1] }]`);
    expect(deployment).toThrow(/Run "tallyman registries resolve"/);
    expect(await resolve()).toEqual({
      code: 0,
      stdout: `+ 012345678901 cards (${PROD})
+ 444455556666 the "shop" (${PROD})
1 units, 2 accounts: 2 came, 0 went; ${RESOLVED_FILE} written
`,
      stderr: "",
    });
    expect(resolvedText().split("\n").slice(2)).toEqual([
      "units:",
      `  - id: ${PROD}`,
      "    accounts:",
      '      - { id: "012345678901", name: "cards" }',
      '      - { id: "444455556666", name: "the \\"shop\\"" }',
      "",
    ]);
    expect(deployment().registries.map(({ account, region }) => `${account}/${region}`)).toEqual([
      "111122223333/us-east-1",
      "012345678901/us-east-1",
      "012345678901/eu-west-1",
      "444455556666/us-east-1",
      "444455556666/eu-west-1",
    ]);
  });

  test("asks for page after page, down from the root", async () => {
    declare(`[{ id: ${ROOT}, regions: [us-east-1] }]`);
    const { code, stdout } = await resolve();
    expect(code).toBe(0);
    expect(stdout).toContain(`1 units, ${TEAMS + 3} accounts: ${TEAMS + 3} came, 0 went`);
    const accounts = new Set(deployment().registries.map(({ account }) => account));
    expect(accounts.size).toBe(TEAMS + 3);
    expect(accounts).toContain(teamId(TEAMS - 1));
    for (const inactive of ["333333333333", "222222222222"]) expect(accounts).not.toContain(inactive);
  });

  test("again changes nothing, and says so", async () => {
    declare(`[{ id: ${PROD}, regions: [us-east-1] }]`);
    await resolve();
    const before = resolvedText();
    expect((await resolve(["--check"])).code).toBe(0);
    expect((await resolve()).stdout).toMatch(/0 came, 0 went; .* is up to date/);
    expect(resolvedText()).toBe(before);
  });

  test("says who came and went since, and --check says so too and writes nothing", async () => {
    declare(`[{ id: ${PAYMENTS}, regions: [us-east-1] }]`);
    await resolve();
    const old = resolvedText()
      .replace("012345678901", "555566667777")
      .replace('name: "cards"', 'name: "old \u001b[31m"');
    writeFileSync(join(folder, RESOLVED_FILE), old);
    const checked = await resolve(["--check"]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toBe(`+ 012345678901 cards (${PAYMENTS})
- 555566667777 old \\u{1b}[31m (${PAYMENTS})
1 units, 1 accounts: 1 came, 1 went
`);
    expect(checked.stderr).toMatch(/out of date: run "tallyman registries resolve" and commit it/);
    expect(resolvedText()).toBe(old);
    const written = await resolve();
    expect(written.code).toBe(0);
    expect(written.stderr).toMatch(/remove the member stacks: .*npx sst remove/);
    expect(resolvedText()).not.toContain("555566667777");
  });

  test("as JSON for programs", async () => {
    declare(`[{ id: ${PAYMENTS}, regions: [us-east-1] }]`);
    const { stdout } = await resolve(["--json"]);
    const change = { change: "came", unit: PAYMENTS, account: "012345678901", name: "cards" };
    expect(JSON.parse(stdout)).toEqual({ units: 1, accounts: 1, changes: [change] });
  });

  test("notes what is excepted in vain", async () => {
    declare(`[{ id: ${PAYMENTS}, regions: [us-east-1], except: ["012345678901", "999988887777"] }]`);
    const { code, stderr } = await resolve();
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/999988887777 is excepted, and is no active account/),
    ]);
    expect(deployment().registries).toHaveLength(1);
  });

  test("after another unit was declared, the deployment asks for it again", async () => {
    declare(`[{ id: ${PAYMENTS}, regions: [us-east-1] }]`);
    await resolve();
    declare(`[{ id: ${PAYMENTS}, regions: [us-east-1] }, { id: ${SANDBOX}, regions: [us-east-1] }]`);
    expect(deployment).toThrow(/ou-ab12-sandbox1 is not in it/);
    expect((await resolve()).code).toBe(0);
    expect(deployment().registries).toHaveLength(2 + TEAMS);
  });

  test.each<[string, string, string, RegExp]>([
    ["a principal that may not ask at all", ROOT, "nothing", /AccessDeniedException .*management account/],
    [
      "a principal that may list another unit",
      SANDBOX,
      "prodonly",
      /ou-ab12-sandbox1 could not be listed.*AccessDenied/,
    ],
    [
      "an account that is not the management account",
      PROD,
      "member",
      /AccessDeniedException \(You don't have permissions/,
    ],
    ["a unit that there is not", "ou-ab12-nowhere1", "reader", /ParentNotFoundException.*Check the id/],
  ])("with %s writes nothing and says what to do", async (_, unit, key, message) => {
    declare(`[{ id: ${unit}, regions: [us-east-1] }]`);
    const { code, stderr } = await resolve([], key);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(resolvedText).toThrow(/ENOENT/);
  });

  test("a principal that may list exactly the declared unit and those below it may resolve it", async () => {
    declare(`[{ id: ${PROD}, regions: [us-east-1] }]`);
    expect(await resolve([], "prodonly")).toMatchObject({ code: 0, stderr: "" });
  });

  test("a file that is no registries file is an error with line and column", async () => {
    declare("[{ id: ou-1, regions: [us-east-1] }]");
    const { code, stderr } = await resolve();
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/tallyman\.registries\.yaml:3:\d+: organizationUnits\.0\.id: the id of/),
    ]);
    expect((await resolve(["elsewhere.yaml"])).stderr).toMatch(/There is no elsewhere\.yaml here/);
  });
});
