import {
  CreateRepositoryCreationTemplateCommand,
  type CreateRepositoryCreationTemplateCommandInput,
  DeleteRepositoryCreationTemplateCommand,
  DescribeRepositoryCreationTemplatesCommand,
  type ECRClient,
  InvalidParameterException,
  paginateDescribeRepositoryCreationTemplates,
  TemplateAlreadyExistsException,
  TemplateNotFoundException,
  UpdateRepositoryCreationTemplateCommand,
  type UpdateRepositoryCreationTemplateCommandInput,
} from "@aws-sdk/client-ecr";
import { beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, withRegistry } from "./ecr-client.ts";

/** The templates round-trip; only replication creates repositories by them. */
const registry = withRegistry();
let ecr: ECRClient;

beforeEach(() => {
  ecr = registry.client();
});

const repositoryPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" }],
});
const lifecyclePolicy = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 },
      action: { type: "expire" },
    },
  ],
});
const full = {
  prefix: "prod",
  description: "What is in production",
  encryptionConfiguration: {
    encryptionType: "KMS" as const,
    kmsKey: `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234`,
  },
  resourceTags: [{ Key: "team", Value: "a" }],
  imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" as const,
  imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD" as const, filter: "latest" }],
  repositoryPolicy,
  lifecyclePolicy,
  appliedFor: ["REPLICATION" as const, "CREATE_ON_PUSH" as const],
  customRoleArn: `arn:aws:iam::${ACCOUNT}:role/templates`,
};
const least = { prefix: "ROOT", appliedFor: ["PULL_THROUGH_CACHE" as const] };
const create = (input: CreateRepositoryCreationTemplateCommandInput) =>
  ecr.send(new CreateRepositoryCreationTemplateCommand(input));
const update = (input: UpdateRepositoryCreationTemplateCommandInput) =>
  ecr.send(new UpdateRepositoryCreationTemplateCommand(input));
const describeThem = (more: object = {}) => ecr.send(new DescribeRepositoryCreationTemplatesCommand(more));
const only = async () => (await describeThem()).repositoryCreationTemplates?.[0];

describe("a repository creation template", () => {
  test("is created with all that it can have, kept over a restart, and deleted", async () => {
    const times = { createdAt: registry.server.clock.now, updatedAt: registry.server.clock.now };
    const { registryId, repositoryCreationTemplate } = await create(full);
    expect([registryId, repositoryCreationTemplate]).toEqual([ACCOUNT, { ...full, ...times }]);
    await registry.server.restart();
    expect(await only()).toEqual({ ...full, ...times });
    const deleted = await ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix: "prod" }));
    expect(deleted).toMatchObject({ registryId: ACCOUNT, repositoryCreationTemplate: full });
    expect(await only()).toBeUndefined();
  });

  test("has ECR's defaults for what it is not given", async () => {
    await create(least);
    expect(await only()).toEqual({
      ...least,
      encryptionConfiguration: { encryptionType: "AES256" },
      resourceTags: [],
      imageTagMutability: "MUTABLE",
      createdAt: registry.server.clock.now,
      updatedAt: registry.server.clock.now,
    });
  });

  test("keeps on an update what is not given; an empty text takes a policy away", async () => {
    await create(full);
    const createdAt = registry.server.clock.now;
    registry.server.clock.now = new Date(createdAt.getTime() + 60_000);
    await update({ prefix: "prod", description: "Changed", lifecyclePolicy: "" });
    const { lifecyclePolicy: _, ...kept } = full;
    const updatedAt = registry.server.clock.now;
    expect(await only()).toEqual({ ...kept, description: "Changed", createdAt, updatedAt });
    await update({ prefix: "prod", imageTagMutability: "MUTABLE", appliedFor: ["REPLICATION"] });
    const template = await only();
    expect([template?.imageTagMutability, template?.appliedFor]).toEqual(["MUTABLE", ["REPLICATION"]]);
    expect(template?.imageTagMutabilityExclusionFilters).toBeUndefined();
  });

  test("takes AWS's own key for an empty one", async () => {
    const encryptionConfiguration = { encryptionType: "KMS" as const, kmsKey: "" };
    await create({ ...full, encryptionConfiguration });
    expect((await only())?.encryptionConfiguration).toEqual({
      encryptionType: "KMS",
      kmsKey: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/aws/ecr`,
    });
  });

  test("has a prefix of its own", async () => {
    await create(least);
    await expect(create(least)).rejects.toBeInstanceOf(TemplateAlreadyExistsException);
    for (const refused of [
      update({ prefix: "absent" }),
      ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix: "absent" })),
    ]) {
      await expect(refused).rejects.toBeInstanceOf(TemplateNotFoundException);
    }
  });

  test.each([
    ["prod", "prod/"],
    ["prod/", "prod"],
  ])("of the prefix %s is found as %s too, and shows the one it was given", async (given, other) => {
    await create({ ...least, prefix: given });
    const again = create({ ...least, prefix: other });
    await expect(again).rejects.toBeInstanceOf(TemplateAlreadyExistsException);
    await update({ prefix: other, description: "Changed" });
    const { repositoryCreationTemplates } = await describeThem({ prefixes: [other, given] });
    expect(repositoryCreationTemplates).toMatchObject([{ prefix: given, description: "Changed" }]);
    await ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix: other }));
    expect(await only()).toBeUndefined();
  });

  test("is described by its prefix, or in pages", async () => {
    for (let n = 0; n < 5; n++) await create({ ...least, prefix: `team${n}` });
    const seen: (string | undefined)[] = [];
    for await (const page of paginateDescribeRepositoryCreationTemplates({ client: ecr, pageSize: 2 }, {})) {
      seen.push(...(page.repositoryCreationTemplates ?? []).map((template) => template.prefix));
    }
    expect(seen).toEqual(["team0", "team1", "team2", "team3", "team4"]);
    const named = await describeThem({ prefixes: ["team3", "absent"] });
    expect(named.repositoryCreationTemplates?.map(({ prefix }) => prefix)).toEqual(["team3"]);
  });

  test.each([
    ["tags without a role", { resourceTags: full.resourceTags }],
    ["KMS without a role", { encryptionConfiguration: full.encryptionConfiguration }],
    ["a policy that is none", { repositoryPolicy: "{}" }],
    ["a lifecycle policy that is none", { lifecyclePolicy: "{}" }],
    [
      "filters without exclusions",
      { imageTagMutabilityExclusionFilters: full.imageTagMutabilityExclusionFilters },
    ],
    ["exclusions without filters", { imageTagMutability: "MUTABLE_WITH_EXCLUSION" as const }],
    [
      "a key of another Region",
      {
        customRoleArn: full.customRoleArn,
        encryptionConfiguration: {
          encryptionType: "KMS" as const,
          kmsKey: full.encryptionConfiguration.kmsKey.replace("us-east-1", "us-west-2"),
        },
      },
    ],
    [
      "a key that is no whole ARN",
      {
        customRoleArn: full.customRoleArn,
        encryptionConfiguration: { encryptionType: "KMS" as const, kmsKey: "alias/mine" },
      },
    ],
  ])("with %s is refused, also on an update", async (_, more) => {
    await expect(create({ ...least, ...more })).rejects.toBeInstanceOf(InvalidParameterException);
    await create(least);
    await expect(update({ prefix: least.prefix, ...more })).rejects.toBeInstanceOf(InvalidParameterException);
  });
});
