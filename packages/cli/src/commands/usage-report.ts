import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { ReportTaken } from "../api/usage-answers.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors.ts";

/** `tallyman usage report <file> --source <name>` */
export async function reportUsage(
  context: Context,
  file: string,
  { source }: { readonly source: string },
): Promise<void> {
  const report = await readReport(file);
  const path = `/api/v1/usage/${encodeURIComponent(source)}`;
  const taken = await context.api.put(ReportTaken, path, report);
  if (context.json) return context.terminal.json(taken);
  const { scope, sequence, items } = taken;
  const count = items === 1 ? "1 item" : `${items ?? 0} items`;
  context.terminal.line(`report ${sequence} of ${source} for ${scope} is stored: ${count}`);
  context.terminal.note(`"tallyman usage status ${source}" says whether it is in force`);
}

async function readReport(file: string): Promise<unknown> {
  let content: string;
  try {
    content = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(`${file} cannot be read: ${why}`, { cause });
  }
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new CommandError(
      `${file} is not JSON. A report is {"scope", "sequence", "complete": true, "observedAt", "items"}.`,
      { cause },
    );
  }
}
