import type { Place } from "@tallyman/domain/doctor/facts";
import { type DoctorFinding, type Tally, tallyOf, type Verdict } from "@tallyman/domain/doctor/finding";
import { registryName } from "@tallyman/domain/registry/registry";
import { CommandError, EXIT } from "../errors.ts";
import type { Terminal } from "../output/terminal.ts";

export type ReportOptions = {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Findings that are well, too. */
  readonly wide: boolean;
  /** Warnings count as problems. */
  readonly strict: boolean;
};

/** Shows everything that was found. Throws a CommandError: exit code 1 for problems, 2 for what could not be looked at. */
export function report(findings: readonly DoctorFinding[], place: Place, options: ReportOptions): void {
  const tally = tallyOf(findings);
  const { account, region } = place;
  if (options.json)
    options.terminal.json({ account, region, items: findings, truncated: false, summary: tally });
  else showGroups(findings, place, options);
  const problems = tally.problem + (options.strict ? tally.warning : 0);
  if (problems > 0) throw new CommandError(`${counted(problems, "problem")} found.`);
  if (tally.unknown > 0)
    throw new CommandError(`${counted(tally.unknown, "check")} could not be made.`, { exitCode: EXIT.usage });
}

function showGroups(findings: readonly DoctorFinding[], place: Place, options: ReportOptions): void {
  const groups = Map.groupBy(findings, ({ subject }) => subject);
  for (const [name, group] of groups) showGroup(name, group, options);
  const { terminal } = options;
  if (groups.size === 0) terminal.note(`nothing to look at in ${registryName(place)}`);
  else terminal.line(`${registryName(place)}: ${summaryOf(tallyOf(findings))}`);
}

const MARKS = { ok: "ok", warning: "warning", problem: "PROBLEM", unknown: "unknown" } as const;

function showGroup(name: string, group: readonly DoctorFinding[], { terminal, wide }: ReportOptions): void {
  const shown = wide ? group : group.filter(({ verdict }) => verdict !== "ok");
  const hidden = group.length - shown.length;
  terminal.line(shown.length === 0 ? `${name}: ${counted(hidden, "check")} ok` : name);
  for (const { check, verdict, reason, remedy } of shown) {
    terminal.line(`  ${MARKS[verdict].padEnd(7)} ${check.padEnd(16)} ${reason}`);
    if (remedy !== undefined) terminal.line(`          ${"".padEnd(16)} -> ${remedy}`);
  }
  if (shown.length > 0 && hidden > 0) terminal.line(`  ${counted(hidden, "check")} ok`);
}

/** `1 problem, 2 warnings, 1 could not be looked at, 12 ok` */
function summaryOf(tally: Tally): string {
  const words: Readonly<Record<Verdict, string>> = {
    problem: counted(tally.problem, "problem"),
    warning: counted(tally.warning, "warning"),
    unknown: `${tally.unknown} could not be looked at`,
    ok: `${tally.ok} ok`,
  };
  const said = (["problem", "warning", "unknown", "ok"] as const).filter((verdict) => tally[verdict] > 0);
  return said.map((verdict) => words[verdict]).join(", ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
