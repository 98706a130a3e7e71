import { Inspector2Client, ListCoverageCommand } from "@aws-sdk/client-inspector2";
import type { Registry } from "@tallyman/domain/registry/registry";
import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import type { UsageCollector } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import { type ClientsOptions, clientsAt } from "../sts/clients-at.ts";
import { askUsage } from "../usage/ask-usage.ts";
import { keyText } from "../usage/key-text.ts";

/** Inspector's largest page. */
const PAGE = 200;

const text = z.string();

const COVERED = {
  action: "inspector2:ListCoverage",
  schema: z.object({
    coveredResources: z.array(z.object({ resourceId: text })),
    nextToken: z.optional(text),
  }),
  // Where Inspector is not activated it answers as if the caller might not ask.
  remedy:
    "activate Amazon Inspector for ECR there, deploy the account's member stack again, or set usage.collect.inspector to false",
} as const;

/**
 * Images of one account and Region that Inspector sees in use in some cluster of ECS or EKS, whoever's: one call for 200 of
 * them. Which clusters, `inspectorClusters` asks of a single image. Images that Inspector does not scan are none of its.
 */
export function inspectorUsageCollector(options: ClientsOptions): UsageCollector {
  const clients = clientsAt(options, (settings) => new Inspector2Client(settings));
  return {
    source: "inspector",
    async collect(at, _options, from) {
      const command = new ListCoverageCommand({
        filterCriteria: {
          // A delegated administrator sees the whole organization's.
          accountId: [{ comparison: "EQUALS", value: at.account }],
          resourceType: [{ comparison: "EQUALS", value: "AWS_ECR_CONTAINER_IMAGE" }],
          ecrImageInUseCount: [{ lowerInclusive: 1 }],
        },
        maxResults: PAGE,
        nextToken: from,
      });
      const page = await askUsage(at, COVERED, () => clients(at).send(command));
      const items = page.coveredResources.map(({ resourceId }) => itemOf(at, resourceId));
      return { items, ...(page.nextToken && { next: page.nextToken }) };
    },
  };
}

/** `arn:aws:ecr:<region>:<account>:repository/<repository>/<digest>` */
const IMAGE_ARN = /^arn:([^:]+):ecr:([^:]+):(\d{12}):repository\/(.+)\/(sha256:[a-f0-9]{64})$/;

/** Of registries in the partitions that have Inspector. */
const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ["aws", "amazonaws.com"],
  ["aws-us-gov", "amazonaws.com"],
  ["aws-cn", "amazonaws.com.cn"],
  ["aws-eusc", "amazonaws.eu"],
]);

function itemOf(at: Registry, resourceId: string): UsageItem {
  const [, partition = "", region, account, repository, digest] = IMAGE_ARN.exec(resourceId) ?? [];
  const suffix = SUFFIXES.get(partition);
  if (suffix === undefined || digest === undefined)
    throw new UsageUnavailableError(at, { action: COVERED.action, why: `it names ${resourceId}` });
  return {
    image: `${account}.dkr.ecr.${region}.${suffix}/${repository}@${digest}`,
    digest,
    kind: "running",
    account: at.account,
    region: at.region,
    service: keyText(`inspected/${repository}`),
  };
}
