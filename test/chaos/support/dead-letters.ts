import { expect } from "vitest";
import type { Embedded } from "../../support/embedded.ts";
import { runTallyman } from "../../support/run-tallyman.ts";
import { settle } from "./settle.ts";

type Listed = { readonly items: readonly { readonly name: string; readonly messages: number }[] };

/** How many messages lie in dead-letter queues, by the command. `of`: in this one alone. */
export async function deadLetters(product: Embedded, of?: string): Promise<number> {
  const { items } = (await command(product, ["dlq", "list", "--json"])) as Listed;
  expect(items.length).toBeGreaterThan(0);
  return items.filter((it) => of === undefined || it.name === of).reduce((sum, it) => sum + it.messages, 0);
}

/** What an operator does when the trouble is over; returns how many messages were moved back. */
export async function bringHome(product: Embedded): Promise<number> {
  await settle(product);
  const { items } = (await command(product, ["dlq", "redrive", "--all", "--json"])) as {
    readonly items: readonly { readonly moved: number }[];
  };
  await settle(product);
  return items.reduce((sum, it) => sum + it.moved, 0);
}

async function command(product: Embedded, args: readonly string[]): Promise<unknown> {
  const run = await runTallyman(args, { endpoint: product.url });
  expect(run).toMatchObject({ code: 0 });
  return JSON.parse(run.stdout);
}
