import {
  CreatePullThroughCacheRuleCommand,
  type CreatePullThroughCacheRuleCommandInput,
  DeletePullThroughCacheRuleCommand,
  DescribePullThroughCacheRulesCommand,
  type ECRClient,
  InvalidParameterException,
  LimitExceededException,
  PullThroughCacheRuleAlreadyExistsException,
  PullThroughCacheRuleNotFoundException,
  paginateDescribePullThroughCacheRules,
  UnableToAccessSecretException,
  UnsupportedUpstreamRegistryException,
  UpdatePullThroughCacheRuleCommand,
  ValidatePullThroughCacheRuleCommand,
} from "@aws-sdk/client-ecr";
import { beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, withRegistry } from "./ecr-client.ts";

/** The rules round-trip; nothing is pulled through. */
const registry = withRegistry();
let ecr: ECRClient;

beforeEach(() => {
  ecr = registry.client();
});

const credentialArn = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf`;
const customRoleArn = `arn:aws:iam::${ACCOUNT}:role/cache`;
const hub = { ecrRepositoryPrefix: "hub", upstreamRegistryUrl: "registry-1.docker.io", credentialArn };
const quay = { ecrRepositoryPrefix: "quay", upstreamRegistryUrl: "quay.io" };
const create = (input: CreatePullThroughCacheRuleCommandInput) =>
  ecr.send(new CreatePullThroughCacheRuleCommand(input));
const describeThem = (more: object = {}) => ecr.send(new DescribePullThroughCacheRulesCommand(more));
const validate = (ecrRepositoryPrefix: string) =>
  ecr.send(new ValidatePullThroughCacheRuleCommand({ ecrRepositoryPrefix }));

describe("a pull-through cache rule", () => {
  test("is created, described, changed, kept over a restart, and deleted", async () => {
    const created = await create({ ...hub, upstreamRegistry: "docker-hub" });
    const described = {
      ...hub,
      registryId: ACCOUNT,
      upstreamRegistry: "docker-hub",
      upstreamRepositoryPrefix: "ROOT",
      createdAt: registry.server.clock.now,
    };
    expect(created).toMatchObject(described);
    const earlier = registry.server.clock.now;
    registry.server.clock.now = new Date(earlier.getTime() + 60_000);
    const other = credentialArn.replace("hub", "other");
    const update = { ecrRepositoryPrefix: "hub", credentialArn: other };
    const updated = await ecr.send(new UpdatePullThroughCacheRuleCommand(update));
    expect(updated).toMatchObject({ ...update, registryId: ACCOUNT, updatedAt: registry.server.clock.now });
    await registry.server.restart();
    expect((await describeThem()).pullThroughCacheRules).toEqual([
      { ...described, credentialArn: other, updatedAt: registry.server.clock.now },
    ]);
    const deleted = await ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix: "hub" }));
    expect(deleted).toMatchObject({ ...hub, credentialArn: other, createdAt: earlier });
    expect((await describeThem()).pullThroughCacheRules).toEqual([]);
  });

  test.each([
    ["public.ecr.aws", "ecr-public", {}],
    ["quay.io", "quay", {}],
    ["registry.k8s.io", "k8s", {}],
    ["https://registry.k8s.io", "k8s", {}],
    ["registry-1.docker.io", "docker-hub", { credentialArn }],
    ["ghcr.io", "github-container-registry", { credentialArn }],
    ["myregistry.azurecr.io", "azure-container-registry", { credentialArn }],
    ["registry.gitlab.com", "gitlab-container-registry", { credentialArn }],
    ["cgr.dev", "chainguard", { credentialArn }],
    [`${ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com`, "ecr", {}],
    ["444455556666.dkr.ecr.us-east-1.amazonaws.com", "ecr", { customRoleArn }],
  ])("of %s is one of %s", async (upstreamRegistryUrl, upstreamRegistry, more) => {
    const created = await create({ ecrRepositoryPrefix: "cache", upstreamRegistryUrl, ...more });
    expect(created).toMatchObject({ upstreamRegistryUrl, upstreamRegistry, ...more });
  });

  test.each([
    [
      "an upstream that ECR does not know",
      { upstreamRegistryUrl: "example.com" },
      UnsupportedUpstreamRegistryException,
    ],
    [
      "a URL that only begins well",
      { upstreamRegistryUrl: "quay.io.example.com" },
      UnsupportedUpstreamRegistryException,
    ],
    ["another upstream than the URL's", { upstreamRegistry: "k8s" as const }, InvalidParameterException],
    ["a secret that is not needed", { credentialArn }, InvalidParameterException],
    ["a role that is not needed", { customRoleArn }, InvalidParameterException],
    ["no secret where one is needed", { upstreamRegistryUrl: "ghcr.io" }, InvalidParameterException],
    [
      "no role for another account",
      { upstreamRegistryUrl: "444455556666.dkr.ecr.us-east-1.amazonaws.com" },
      InvalidParameterException,
    ],
    [
      "a secret of another Region",
      { upstreamRegistryUrl: "ghcr.io", credentialArn: credentialArn.replace("us-east-1", "us-west-2") },
      UnableToAccessSecretException,
    ],
    [
      "a secret of another account",
      { upstreamRegistryUrl: "ghcr.io", credentialArn: credentialArn.replace(ACCOUNT, "444455556666") },
      UnableToAccessSecretException,
    ],
  ])("with %s is refused", async (_, more, exception) => {
    await expect(create({ ...quay, ...more })).rejects.toBeInstanceOf(exception);
    expect((await describeThem()).pullThroughCacheRules).toEqual([]);
  });

  test("has a prefix of its own, and there are at most fifty", async () => {
    await create(quay);
    await expect(create(quay)).rejects.toBeInstanceOf(PullThroughCacheRuleAlreadyExistsException);
    for (let n = 1; n < 50; n++) await create({ ...quay, ecrRepositoryPrefix: `quay${n}` });
    const refused = create({ ...quay, ecrRepositoryPrefix: "quay50" });
    await expect(refused).rejects.toBeInstanceOf(LimitExceededException);
    const prefixes: (string | undefined)[] = [];
    for await (const page of paginateDescribePullThroughCacheRules({ client: ecr, pageSize: 7 }, {})) {
      prefixes.push(...(page.pullThroughCacheRules ?? []).map((rule) => rule.ecrRepositoryPrefix));
    }
    expect(new Set(prefixes).size).toBe(50);
    const { pullThroughCacheRules } = await describeThem({ ecrRepositoryPrefixes: ["quay7", "quay"] });
    expect(pullThroughCacheRules?.map((rule) => rule.ecrRepositoryPrefix)).toEqual(["quay7", "quay"]);
  });

  test.each([
    ["cache", "cache/"],
    ["cache/", "cache"],
    ["team/cache/", "team/cache"],
  ])("of the prefix %s is found as %s too, and shows the one it was given", async (given, other) => {
    await create({ ...quay, ecrRepositoryPrefix: given });
    const again = create({ ...quay, ecrRepositoryPrefix: other });
    await expect(again).rejects.toBeInstanceOf(PullThroughCacheRuleAlreadyExistsException);
    expect(await validate(other)).toMatchObject({ ecrRepositoryPrefix: given, isValid: true });
    const { pullThroughCacheRules } = await describeThem({ ecrRepositoryPrefixes: [given, other] });
    expect(pullThroughCacheRules?.map((rule) => rule.ecrRepositoryPrefix)).toEqual([given]);
    await ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix: other }));
    expect((await describeThem()).pullThroughCacheRules).toEqual([]);
  });

  test("is in one page alone, also where prefixes with a slash stand between others", async () => {
    const prefixes = ["cache/", "cache-b", "cache.c/", "cache0", "cache/d"];
    for (const ecrRepositoryPrefix of prefixes) await create({ ...quay, ecrRepositoryPrefix });
    const seen: (string | undefined)[] = [];
    for await (const page of paginateDescribePullThroughCacheRules({ client: ecr, pageSize: 1 }, {}))
      seen.push(...(page.pullThroughCacheRules ?? []).map((rule) => rule.ecrRepositoryPrefix));
    expect(seen.toSorted()).toEqual(prefixes.toSorted());
  });

  test("that is not there is an exception to whoever names it", async () => {
    const ecrRepositoryPrefix = "absent";
    for (const refused of [
      describeThem({ ecrRepositoryPrefixes: [ecrRepositoryPrefix] }),
      ecr.send(new UpdatePullThroughCacheRuleCommand({ ecrRepositoryPrefix, credentialArn })),
      ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix })),
      validate(ecrRepositoryPrefix),
    ]) {
      await expect(refused).rejects.toBeInstanceOf(PullThroughCacheRuleNotFoundException);
    }
  });

  test("is valid without a secret; that of one with a secret is not found", async () => {
    await create(quay);
    await create(hub);
    expect(await validate("quay")).toMatchObject({ ...quay, registryId: ACCOUNT, isValid: true });
    const { isValid, failure } = await validate("hub");
    expect([isValid, failure]).toEqual([false, expect.stringContaining("was not found")]);
  });

  test("is not changed to what could not be created", async () => {
    await create(quay);
    const update = (more: object) =>
      ecr.send(new UpdatePullThroughCacheRuleCommand({ ecrRepositoryPrefix: "quay", ...more }));
    await expect(update({ credentialArn })).rejects.toBeInstanceOf(InvalidParameterException);
    await expect(update({ customRoleArn })).rejects.toBeInstanceOf(InvalidParameterException);
    expect((await describeThem()).pullThroughCacheRules?.[0]?.credentialArn).toBeUndefined();
  });
});
