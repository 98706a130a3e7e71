import { ReportTaken } from "../api/usage-answers.ts";
import type { Context } from "../context.ts";

export type AcceptOptions = {
  readonly source: string;
  readonly scope: string;
  readonly sequence: number;
  readonly reason?: string;
};

/** `tallyman usage accept <source> <scope> --sequence <n>` */
export async function acceptUsage(
  context: Context,
  { source, scope, sequence, reason }: AcceptOptions,
): Promise<void> {
  const path = `/api/v1/usage/${encodeURIComponent(source)}/accept`;
  const body = { scope, sequence, ...(reason !== undefined && { reason }) };
  const accepted = await context.api.post(ReportTaken, path, body);
  if (context.json) return context.terminal.json(accepted);
  context.terminal.line(`report ${accepted.sequence} of ${source} for ${accepted.scope} is accepted`);
  context.terminal.note(`"tallyman usage status ${source}" says when it is in force`);
}
