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

/** `tallyman totals` */
export async function listTotals(
  context: Context,
  { by, key }: { readonly by: string; readonly key?: string },
): Promise<void> {
  if (key !== undefined && by !== "resource-tag") throw new UsageError("--key is for --by resource-tag.");
  const found = context.api.list(Totals, "/api/v1/totals", { by, key });
  show(context, "totals", await collect(context, "totals", found), (rows) =>
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
}
