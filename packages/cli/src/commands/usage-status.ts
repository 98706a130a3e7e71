import { registryName } from "@tallyman/domain/registry/registry";
import { Blocked, BlockedPage, type Doubt, Scope } from "../api/usage-answers.ts";
import { type Collected, collect, show } from "../collect.ts";
import type { Context } from "../context.ts";

/** `tallyman usage status [source]` */
export async function showUsageStatus(context: Context, source: string | undefined): Promise<void> {
  if (source !== undefined) return showScopes(context, source);
  let sources: BlockedPage | undefined;
  const blocked = await collect(
    context,
    "blocked repositories",
    context.api.list(Blocked, "/api/v1/usage", {}, (page) => {
      sources = BlockedPage.parse(page);
    }),
  );
  if (context.json) {
    const about = sources && { asOf: sources.asOf, sources: sources.sources };
    show(context, "blocked repositories", { ...blocked, ...(about && { about }) }, () => undefined);
    return;
  }
  if (sources) context.terminal.line(`sources  ${sourcesSentence(sources)}`);
  showBlocked(context, blocked);
}

function sourcesSentence({ sources: { scopes, inDoubt } }: BlockedPage): string {
  if (inDoubt === 0) return `all ${scopes} scopes are fresh`;
  return `${inDoubt} of ${scopes} scopes in doubt`;
}

/** One block for each reason: a source that fails blocks many repositories alike. */
function showBlocked({ terminal }: Context, { items, truncated }: Collected<Blocked>): void {
  const count = truncated ? `more than ${items.length}` : `${items.length}`;
  const noun = items.length === 1 && !truncated ? "repository" : "repositories";
  terminal.line(items.length === 0 ? "blocked  nothing" : `blocked  ${count} ${noun}`);
  for (const { doubt, repositories } of byReason(items)) {
    terminal.line("");
    terminal.line(`${doubt.reason} [${doubt.why}]`);
    terminal.line(`  blocks  ${shortList(repositories)}`);
    terminal.line(`  remedy  ${doubt.remedy}`);
  }
  if (truncated) terminal.note("there are more blocked repositories: --limit all lists them");
}

type Reason = { readonly doubt: Doubt; readonly repositories: string[] };

function byReason(blocked: readonly Blocked[]): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { doubts, ...repository } of blocked)
    for (const doubt of doubts) {
      const key = JSON.stringify([doubt.why, doubt.reason]);
      const known = reasons.get(key) ?? { doubt, repositories: [] };
      known.repositories.push(`${repository.repository} (${registryName(repository)})`);
      reasons.set(key, known);
    }
  return [...reasons.values()].toSorted((a, b) => b.repositories.length - a.repositories.length);
}

const NAMED = 3;

function shortList(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

async function showScopes(context: Context, source: string): Promise<void> {
  const path = `/api/v1/usage/${encodeURIComponent(source)}`;
  const scopes = await collect(context, "scopes", context.api.list(Scope, path));
  show(context, "scopes", scopes, (rows) => {
    context.terminal.table<Scope>(
      [
        { title: "SCOPE", value: (it) => it.scope ?? "(none has reported)" },
        { title: "ACCOUNT", value: (it) => it.account },
        {
          title: "STATE",
          value: (it) => it.doubts[0]?.why ?? "in force",
          style: (it) => (it.doubts.length > 0 ? context.terminal.bad : undefined),
        },
        { title: "REPORT", value: (it) => (it.sequence === 0 ? "-" : `${it.sequence}`), align: "right" },
        { title: "AGE", value: (it) => formatAge(it.ageSeconds), align: "right" },
        { title: "NAMES", value: (it) => `${it.subjects}`, align: "right" },
      ],
      rows,
    );
    for (const { doubts } of rows)
      for (const { reason, remedy } of doubts) context.terminal.note(`${reason}. ${remedy}`);
  });
}

/** `47 s`, `12 min`, `3.5 h` */
function formatAge(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
