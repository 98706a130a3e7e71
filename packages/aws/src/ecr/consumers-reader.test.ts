import { ECRClient } from "@aws-sdk/client-ecr";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { expect, test } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import { refusal, type WireAnswers } from "../../../../test/support/aws-wire.ts";
import { WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { clientsAt } from "../sts/clients-at.ts";
import { ecrConsumersReader } from "./consumers-reader.ts";

const open = () => ecrConsumersReader(clientsAt(WIRE_CLIENTS, (settings) => new ECRClient(settings)));

function policy(principal: string, Resource?: string): string {
  const statement = { Effect: "Allow", Principal: { AWS: principal }, Action: "ecr:*", Resource };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

type Registry = { readonly policies: Readonly<Record<string, string | undefined>>; readonly whole?: string };

function registry({ policies, whole }: Registry): WireAnswers {
  const names = Object.keys(policies);
  return {
    "ecr:DescribeRepositories": ({ input }) => {
      const from = Number(input["nextToken"] ?? 0);
      const to = from + Number(input["maxResults"]);
      const repositories = names.slice(from, to).map((repositoryName) => ({ repositoryName }));
      return { body: { repositories, ...(to < names.length && { nextToken: String(to) }) } };
    },
    "ecr:GetRegistryPolicy": () =>
      whole === undefined ? refusal("RegistryPolicyNotFoundException") : { body: { policyText: whole } },
    "ecr:GetRepositoryPolicy": ({ input }) => {
      const name = String(input["repositoryName"]);
      if (name === "prod/gone") return refusal("RepositoryNotFoundException");
      const policyText = policies[name];
      return policyText === undefined
        ? refusal("RepositoryPolicyNotFoundException")
        : { body: { policyText } };
    },
  };
}

async function readAll() {
  const policies: Record<string, readonly string[]> = {};
  let next: string | undefined;
  do {
    const page = await open().readPolicies(HUB, next);
    Object.assign(policies, page.policies);
    next = page.next;
  } while (next !== undefined);
  return policies;
}

test("whoever a repository's policy or the registry's names may pull; the registry's own account goes without saying", async () => {
  await wired(
    registry({
      policies: {
        "prod/web": policy("444455556666"),
        "prod/own": policy(HUB.account),
        "prod/none": undefined,
        "prod/gone": undefined,
        "team/app": policy("arn:aws:iam::777788889999:root"),
      },
      whole: policy("222233334444", "arn:aws:ecr:us-east-1:111122223333:repository/team/*"),
    }),
  );
  expect(await readAll()).toEqual({
    "prod/web": ["444455556666"],
    "team/app": ["222233334444", "777788889999"],
  });
});

test.each([0, 1, 100, 101, 250])(
  "%i repositories cost a call each, and two for each hundred",
  async (count) => {
    const names = Array.from({ length: count }, (_, i) => `prod/app-${i}`);
    const policies = Object.fromEntries(names.map((name) => [name, policy("444455556666")]));
    const wire = await wired(registry({ policies }));
    expect(Object.keys(await readAll())).toHaveLength(count);
    const pages = Math.max(1, Math.ceil(count / 100));
    expect(wire.counts()).toEqual({
      "ecr:DescribeRepositories": pages,
      "ecr:GetRegistryPolicy": pages,
      ...(count > 0 && { "ecr:GetRepositoryPolicy": count }),
    });
  },
);

test.each(["ecr:DescribeRepositories", "ecr:GetRegistryPolicy", "ecr:GetRepositoryPolicy"])(
  "%s that is refused is an error that says so, never a repository without consumers",
  async (action) => {
    const answers = registry({ policies: { "prod/web": policy("*") } });
    await wired({ ...answers, [action]: () => refusal("AccessDeniedException") });
    await expect(readAll()).rejects.toThrow(UsageUnavailableError);
    await expect(readAll()).rejects.toThrow(`may not ${action} in 111122223333/us-east-1`);
  },
);

const rule = (upstreamRegistryUrl: string, upstreamRepositoryPrefix?: string) => ({
  ecrRepositoryPrefix: "cache",
  upstreamRegistryUrl,
  upstreamRepositoryPrefix,
});
const rules = (...pages: readonly (readonly object[])[]): WireAnswers => ({
  "ecr:DescribePullThroughCacheRules": ({ input }) => {
    const page = Number(input["nextToken"] ?? 0);
    const more = page + 1 < pages.length ? { nextToken: String(page + 1) } : {};
    return { body: { pullThroughCacheRules: pages[page], ...more } };
  },
});

test("pull-through cache rules of private registries are read to the last page, with what their names begin with", async () => {
  const host = "444455556666.dkr.ecr.eu-central-1.amazonaws.com";
  await wired(
    rules(
      [rule("public.ecr.aws"), rule(host), rule("registry-1.docker.io")],
      [rule(`https://${host}/`, "ROOT"), rule(host, "team-a"), rule(host, "team-b/")],
    ),
  );
  const upstream = { account: "444455556666", region: "eu-central-1" };
  expect(await open().readPullThrough(HUB)).toEqual([
    { upstream, prefix: "" },
    { upstream, prefix: "" },
    { upstream, prefix: "team-a/" },
    { upstream, prefix: "team-b/" },
  ]);
});

test("a private registry that we cannot name is an error, not no rule", async () => {
  await wired(rules([rule("444455556666.dkr.ecr.eu-central-1.amazonaws.new")]));
  await expect(open().readPullThrough(HUB)).rejects.toThrow(/DescribePullThroughCacheRules.*amazonaws\.new/);
});

test("rules that may not be asked for are an error", async () => {
  await wired({ "ecr:DescribePullThroughCacheRules": () => refusal("AccessDeniedException") });
  await expect(open().readPullThrough(HUB)).rejects.toThrow("may not ecr:DescribePullThroughCacheRules");
});
