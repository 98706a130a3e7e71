import {
  DescribePullThroughCacheRulesCommand,
  DescribeRepositoriesCommand,
  GetRegistryPolicyCommand,
  GetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { inParallel } from "@tallyman/domain/inventory/in-parallel";
import type { Registry } from "@tallyman/domain/registry/registry";
import { parseRegistryHost } from "@tallyman/domain/registry/registry-host";
import { type RepositoryRef, repositoryArn } from "@tallyman/domain/registry/repository";
import { accountsOfPolicy } from "@tallyman/domain/usage/accounts-of-policy";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { RegistryConsumers } from "@tallyman/domain/usage/evidence";
import type { ConsumersReader } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";
import type { EcrClients } from "./ecr-clients.ts";

/** Repositories of a page: each is asked for its policy, so many at a time. */
const PAGE = 100;
const AT_ONCE = 4;
const RULES = 100;

const text = z.string();
const maybeText = z.optional(text);
const PolicyText = z.object({ policyText: text });

const REPOSITORIES = {
  action: "ecr:DescribeRepositories",
  schema: z.object({ repositories: z.array(z.object({ repositoryName: text })), nextToken: maybeText }),
} as const;
const REGISTRY_POLICY = {
  action: "ecr:GetRegistryPolicy",
  schema: PolicyText,
  gone: "RegistryPolicyNotFoundException",
} as const;
const REPOSITORY_POLICY = { action: "ecr:GetRepositoryPolicy", schema: PolicyText } as const;

const PULL_THROUGH = {
  action: "ecr:DescribePullThroughCacheRules",
  schema: z.object({
    pullThroughCacheRules: z.array(
      z.object({ upstreamRegistryUrl: text, upstreamRepositoryPrefix: maybeText }),
    ),
    nextToken: maybeText,
  }),
} as const;
type Rule = z.infer<typeof PULL_THROUGH.schema>["pullThroughCacheRules"][number];

/**
 * Reads who may pull from a registry: the registry's policy and each repository's, a hundred repositories in a page and one
 * call for each, and the pull-through cache rules whose upstream is another private registry.
 */
export function ecrConsumersReader(clients: EcrClients): ConsumersReader {
  return {
    async readPolicies(at, from) {
      const input = { registryId: at.account, maxResults: PAGE, nextToken: from };
      const list = new DescribeRepositoriesCommand(input);
      const { repositories, nextToken } = await askUsage(at, REPOSITORIES, () => clients(at).send(list));
      const whole = await registryPolicy(clients, at);
      const policies: Record<string, readonly string[]> = {};
      await inParallel(repositories, AT_ONCE, async ({ repositoryName: repository }) => {
        const accounts = await accountsOf(clients, { ...at, repository }, whole);
        if (accounts.length > 0) policies[repository] = accounts;
      });
      return { policies, ...(nextToken && { next: nextToken }) };
    },
    async readPullThrough(at) {
      const rules: RegistryConsumers["pullsThrough"][number][] = [];
      let nextToken: string | undefined;
      do {
        const input = { registryId: at.account, maxResults: RULES, nextToken };
        const list = new DescribePullThroughCacheRulesCommand(input);
        const page = await askUsage(at, PULL_THROUGH, () => clients(at).send(list));
        rules.push(...page.pullThroughCacheRules.flatMap((rule) => upstreamOf(at, rule)));
        nextToken = page.nextToken;
      } while (nextToken);
      return rules;
    },
  };
}

async function registryPolicy(clients: EcrClients, at: Registry): Promise<string | undefined> {
  const found = await askIfThere(at, REGISTRY_POLICY, () =>
    clients(at).send(new GetRegistryPolicyCommand({})),
  );
  return found?.policyText;
}

/** Accounts other than the registry's own. */
async function accountsOf(
  clients: EcrClients,
  repository: RepositoryRef,
  registryPolicy: string | undefined,
): Promise<readonly string[]> {
  const own = await repositoryPolicy(clients, repository);
  const policies = [own, registryPolicy].filter((it) => it !== undefined);
  const accounts = policies.flatMap((policy) => accountsOfPolicy(policy, repositoryArn(repository)));
  return [...new Set(accounts)].filter((it) => it !== repository.account).toSorted();
}

async function repositoryPolicy(clients: EcrClients, ref: RepositoryRef): Promise<string | undefined> {
  const input = { registryId: ref.account, repositoryName: ref.repository };
  const get = new GetRepositoryPolicyCommand(input);
  const found = await askIfThere(ref, { ...REPOSITORY_POLICY, gone: NO_POLICY }, () =>
    clients(ref).send(get),
  );
  return found?.policyText;
}

/** There is none, or the repository itself is gone since it was listed. */
const NO_POLICY = /^Repository(Policy)?NotFoundException$/;

/** ECR's name for "the upstream's names as they are". */
const ROOT = "ROOT";

/** Rules for public registries are none of ours. What looks like a private one and is not is an error, not no rule. */
function upstreamOf(at: Registry, { upstreamRegistryUrl, upstreamRepositoryPrefix = ROOT }: Rule) {
  const host = upstreamRegistryUrl.replace(/^https:\/\//, "").replace(/\/$/, "");
  if (!/\.dkr[.-]ecr/.test(host)) return [];
  const upstream = parseRegistryHost(host)?.registry;
  if (!upstream)
    throw new UsageUnavailableError(at, {
      action: PULL_THROUGH.action,
      why: `upstream ${host.slice(0, 100)}`,
    });
  if (upstreamRepositoryPrefix === ROOT) return [{ upstream, prefix: "" }];
  return [{ upstream, prefix: `${upstreamRepositoryPrefix.replace(/\/$/, "")}/` }];
}
