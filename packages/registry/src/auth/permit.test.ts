import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuthorizationRequest } from "@tallyman/domain/iam-policy/authorize";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setAccountSetting } from "../storage/account-settings.ts";
import { type Database, openDatabase } from "../storage/database.ts";
import { setRegistryPolicy } from "../storage/registry-settings.ts";
import {
  DEFAULT_SETTINGS,
  findRepository,
  insertRepository,
  setRepositoryPolicy,
} from "../storage/repositories.ts";
import { createPermits, type EcrAction, type Permits } from "./permit.ts";

const registry = { account: "111122223333", region: "us-east-1" };
const ref = { ...registry, repository: "team/app" };
const caller = { account: registry.account, arn: `arn:aws:iam::${registry.account}:user/u` };
const own = { Statement: { Sid: "repository" } };
const whole = { Statement: { Sid: "registry" } };

let directory: string;
let database: Database;
let asked: AuthorizationRequest[];
let permits: Permits;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "permit-"));
  database = openDatabase(join(directory, "registry.sqlite"));
  const settings = { ...DEFAULT_SETTINGS, tags: [{ key: "Team", value: "web" }] };
  database.transaction(() => {
    insertRepository(database.sql, ref, { createdAt: 0, settings });
    setRepositoryPolicy(database.sql, findRepository(database.sql, ref)?.id ?? 0, JSON.stringify(own));
    setRegistryPolicy(database.sql, registry, JSON.stringify(whole));
  });
  asked = [];
  permits = createPermits(database.sql, (request) => {
    asked.push(request);
    return { allowed: true };
  });
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

function policiesFor(action: EcrAction): AuthorizationRequest["resourcePolicies"] {
  permits.onRepository({ caller, action }, ref);
  return asked.at(-1)?.resourcePolicies;
}

describe("the policies that count", () => {
  const actions: readonly EcrAction[] = [
    "ecr:ReplicateImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:CreateRepository",
  ];

  test.each([...actions, "ecr:PutImage", "ecr:DeleteRepository"] as const)(
    "of scope V2 are the repository's and the registry's: %s",
    (action) => {
      expect(policiesFor(action)).toEqual([own, whole]);
    },
  );

  test.each(actions)("of scope V1 are both for %s", (action) => {
    setAccountSetting(database.sql, registry, { name: "REGISTRY_POLICY_SCOPE", value: "V1" });
    expect(policiesFor(action)).toEqual([own, whole]);
  });

  test.each(["ecr:PutImage", "ecr:DescribeRegistry"] as const)(
    "of scope V1 leave the registry's out for %s",
    (action) => {
      setAccountSetting(database.sql, registry, { name: "REGISTRY_POLICY_SCOPE", value: "V1" });
      expect(policiesFor(action)).toEqual([own]);
      permits.onRegistry({ caller, action }, registry);
      expect(asked.at(-1)?.resourcePolicies).toEqual([]);
    },
  );

  test("are another Region's for another Region", () => {
    permits.onRepository({ caller, action: "ecr:PutImage" }, { ...ref, region: "us-west-2" });
    expect(asked.at(-1)?.resourcePolicies).toEqual([]);
  });

  test("are no resource's for what has none", () => {
    permits.onIdentity({ caller, action: "ecr:GetAuthorizationToken" });
    expect(asked.at(-1)).toMatchObject({ resource: "*", resourcePolicies: [] });
  });

  test("would be the new one in place of the repository's own, without anybody's being refused", () => {
    const next = { Statement: { Sid: "next" } };
    expect(
      permits.wouldPermit({ caller, action: "ecr:SetRepositoryPolicy" }, ref, JSON.stringify(next)),
    ).toBe(true);
    expect(asked).toMatchObject([{ resourcePolicies: [next, whole], hypothetical: true }]);
  });
});

describe("what conditions see", () => {
  test("is the repository's tags, the Region and the client", () => {
    const client = { address: "203.0.113.9", userAgent: "docker" };
    permits.from(client).onRepository({ caller, action: "ecr:PutImage" }, ref);
    expect(asked[0]?.context).toEqual({
      "aws:resourcetag/team": "web",
      "ecr:resourcetag/team": "web",
      "aws:requestedregion": "us-east-1",
      "aws:sourceip": "203.0.113.9",
      "aws:useragent": "docker",
    });
  });

  test("is no client where none is known", () => {
    permits.from(undefined).onRegistry({ caller, action: "ecr:DescribeRegistry" }, registry);
    expect(asked[0]?.context).toEqual({ "aws:requestedregion": "us-east-1" });
  });
});
