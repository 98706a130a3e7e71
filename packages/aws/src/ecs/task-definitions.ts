import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionsCommand,
} from "@aws-sdk/client-ecs";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import type { ClientsAt } from "../sts/clients-at.ts";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";
import { hasRevision } from "./arns.ts";

const text = z.string();

const DESCRIBED = {
  action: "ecs:DescribeTaskDefinition",
  schema: z.object({
    taskDefinition: z.object({ containerDefinitions: z.array(z.object({ image: text })) }),
  }),
  // Deleted ones, and those that never were: nothing can be started from them.
  gone: "ClientException",
} as const;

const LISTED = {
  action: "ecs:ListTaskDefinitions",
  schema: z.object({ taskDefinitionArns: z.array(text) }),
} as const;

export type TaskDefinitions = {
  /** The images of its containers, each once; none where there is no such task definition. */
  imagesOf(at: Registry, definition: string): Promise<readonly string[]>;
  /** The last active revisions of a family, newest first: what a service can be rolled back to. */
  lastRevisions(at: Registry, family: string, count: number): Promise<readonly string[]>;
};

/** So many revisions are remembered, which never change: services share them, and runs ask for the same. */
const REMEMBERED = 2000;

export function ecsTaskDefinitions(clients: ClientsAt<ECSClient>): TaskDefinitions {
  const remembered = new Map<string, readonly string[]>();

  async function describe(at: Registry, taskDefinition: string): Promise<readonly string[]> {
    const command = new DescribeTaskDefinitionCommand({ taskDefinition });
    const found = await askIfThere(at, DESCRIBED, () => clients(at).send(command));
    if (!found) return [];
    return [...new Set(found.taskDefinition.containerDefinitions.map(({ image }) => image))];
  }

  return {
    async imagesOf(at, definition) {
      // A name that is no ARN means another one in each account and Region.
      const name = `${registryName(at)} ${definition}`;
      const known = remembered.get(name);
      if (known) return known;
      const images = await describe(at, definition);
      // One that is gone is asked for again: nothing is remembered that is not known.
      if (images.length === 0 || !hasRevision(definition)) return images;
      if (remembered.size >= REMEMBERED) remembered.clear();
      remembered.set(name, images);
      return images;
    },
    async lastRevisions(at, family, count) {
      if (count < 1) return [];
      const input = { familyPrefix: family, status: "ACTIVE", sort: "DESC", maxResults: count } as const;
      const { taskDefinitionArns } = await askUsage(at, LISTED, () =>
        clients(at).send(new ListTaskDefinitionsCommand(input)),
      );
      return taskDefinitionArns;
    },
  };
}
