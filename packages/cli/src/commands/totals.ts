import { registryName } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { Totals } from "../api/answers.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { formatBytes, formatCost, formatTime } from "../output/format.ts";

const TITLES: Readonly<Record<string, string>> = {
  registry: "REGISTRY",
  account: "ACCOUNT",
  region: "REGION",
  "resource-tag": "RESOURCE TAG",
};

/** What is in no line of the totals. */
const Absent = z.object({
  uncounted: z.array(z.object({ account: z.string(), region: z.string() })).default([]),
  leftOutKeys: z.array(z.string()).default([]),
});
type Absent = z.infer<typeof Absent>;

/** `tallyman totals` */
export async function listTotals(
  context: Context,
  { by, key }: { readonly by: string; readonly key?: string },
): Promise<void> {
  if (key !== undefined && by !== "resource-tag") throw new UsageError("--key is for --by resource-tag.");
  let absent: Absent = { uncounted: [], leftOutKeys: [] };
  const found = context.api.list(Totals, "/api/v1/totals", { by, key }, (page) => {
    absent = Absent.parse(page);
  });
  const listed = await collect(context, "totals", found);
  show(context, "totals", { ...listed, about: absent }, (rows) =>
    context.terminal.table<Totals>(
      [
        { title: TITLES[by] ?? "NAME", value: (it) => it.name },
        { title: "REPOSITORIES", value: (it) => `${it.repositories}`, align: "right" },
        { title: "IMAGES", value: (it) => `${it.images}`, align: "right" },
        { title: "BILLED", value: (it) => formatBytes(it.billedBytes), align: "right" },
        { title: "SHARED", value: (it) => formatBytes(it.sharedBytes), align: "right" },
        { title: "UNKNOWN", value: (it) => `${it.imagesOfUnknownSize ?? "-"}`, align: "right" },
        { title: "A MONTH", value: (it) => formatCost(it.monthlyCost), align: "right" },
        { title: "AS OF", value: (it) => formatTime(it.asOf) },
      ],
      rows,
    ),
  );
  if (!context.json) tellAbsent(context, absent);
}

/** A sum that something is missing from says so. */
function tellAbsent({ terminal }: Context, { uncounted, leftOutKeys }: Absent): void {
  if (uncounted.length > 0)
    terminal.note(`not counted yet, and in no line: ${uncounted.map(registryName).join(", ")}`);
  if (leftOutKeys.length > 0)
    terminal.note(`too many values to be counted by in some registry: ${leftOutKeys.join(", ")}`);
}
