import type { Item } from "./admin-api.ts";
import type { Embedded } from "./embedded.ts";
import type { Registry } from "./registry-client.ts";

/** The image that a tag points to, as soon as the inventory has it. */
export function imageOfTag(
  product: Embedded,
  registry: Registry,
  repository: string,
  tag: string,
): Promise<Item> {
  return product.until(
    `${repository}:${tag} of ${registry.account}/${registry.region} is in the inventory`,
    async () => {
      const answer = await product.api.get("/images", { ...registry, repository, tag });
      return answer.status === 200 && (answer.body["items"] as readonly Item[])[0];
    },
  );
}

export async function slackMessages(
  product: Embedded,
): Promise<readonly { readonly text: string; readonly channel: string }[]> {
  return (await product.control("GET", "slack"))["messages"] as { text: string; channel: string }[];
}
