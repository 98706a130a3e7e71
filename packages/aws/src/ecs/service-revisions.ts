import { DescribeServiceRevisionsCommand, type ECSClient } from "@aws-sdk/client-ecs";
import { Digest } from "@tallyman/domain/image/digest";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import * as z from "@tallyman/domain/zod";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askUsage } from "../usage/ask-usage.ts";
import { keyText } from "../usage/key-text.ts";
import { clusterName } from "./arns.ts";

const text = z.string();
const maybeText = z.optional(text);

const REVISIONS = {
  action: "ecs:DescribeServiceRevisions",
  schema: z.object({
    serviceRevisions: z.array(
      z.object({
        serviceRevisionArn: text,
        containerImages: z._default(z.array(z.object({ image: maybeText, imageDigest: maybeText })), []),
      }),
    ),
  }),
} as const;

type RevisedService = {
  readonly serviceName: string;
  readonly currentServiceRevisions: readonly { readonly arn: string }[];
};

/** A deployment goes on with the digest that it began with, wherever the tag is by then: also when it has no tasks now. */
export async function resolvedImages(
  clients: ClientsAt<ECSClient>,
  at: Registry,
  { cluster, services }: { readonly cluster: string; readonly services: readonly RevisedService[] },
): Promise<readonly UsageItem[]> {
  const items: UsageItem[] = [];
  for (const service of services) {
    const serviceRevisionArns = service.currentServiceRevisions.map(({ arn }) => arn);
    if (serviceRevisionArns.length === 0) continue;
    const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns });
    const { serviceRevisions } = await askUsage(at, REVISIONS, () => clients(at).send(command));
    for (const { image, imageDigest } of serviceRevisions.flatMap((it) => it.containerImages)) {
      const digest = Digest.safeParse(imageDigest);
      if (!image || !digest.success) continue;
      const pinned = `${withoutVersion(image)}@${digest.data}`;
      items.push({ image: pinned, digest: digest.data, kind: "template", ...placeOf(at, cluster, service) });
    }
  }
  return items;
}

/** Where a service is, as its uses say it. */
export function placeOf(
  { account, region }: Registry,
  cluster: string,
  { serviceName }: { readonly serviceName: string },
) {
  return { account, region, cluster: clusterName(cluster), service: keyText(`service/${serviceName}`) };
}

/** Host and repository of an image name: the last part's tag and digest are left out. */
function withoutVersion(image: string): string {
  const [name = ""] = image.split("@");
  const colon = name.indexOf(":", name.lastIndexOf("/"));
  return colon < 0 ? name : name.slice(0, colon);
}
