import { RESOLVED_FILE, type ResolvedUnit } from "@tallyman/domain/registry/registries-file";
import { findCredentials } from "../api/credentials.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { CommandError } from "../errors.ts";
import { accountsOfUnits } from "../organization/accounts-of-units.ts";
import { type AccountChange, compareUnits } from "../organization/compare-units.ts";
import { loadRegistriesFile, loadResolvedFile, writeResolvedFile } from "../organization/registries-files.ts";
import type { Terminal } from "../output/terminal.ts";

export type ResolveOptions = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
  /** Only say whether the file is up to date: nothing is written. */
  readonly check: boolean;
};

/**
 * `tallyman registries resolve [file]`: asks AWS Organizations which active accounts the declared units hold, says who came
 * and went, and writes it beside the file. Needs no deployment.
 */
export async function resolveRegistries(file: string, options: ResolveOptions): Promise<void> {
  const { terminal, check } = options;
  const declared = loadRegistriesFile(file);
  const before = loadResolvedFile(file);
  const ids = declared.organizationUnits.map(({ id }) => id);
  const units = ids.length === 0 ? [] : await accountsOfUnits(ids, askAs(options));
  noteUseless(terminal, declared.organizationUnits, units);
  const changes = compareUnits(before?.units ?? [], units);
  const current = changes.length === 0 && sameUnits(before?.units ?? [], units);
  if (!check && !current) writeResolvedFile(file, units);
  report(options, { units, changes });
  if (check && !current)
    throw new CommandError(
      `${RESOLVED_FILE} is out of date: run "tallyman registries resolve" and commit it.`,
    );
}

function askAs({ terminal, env }: ResolveOptions) {
  const at = env["AWS_ENDPOINT_URL_ORGANIZATIONS"] ?? env["AWS_ENDPOINT_URL"];
  const url = new URL(at ?? "https://organizations.us-east-1.amazonaws.com");
  const endpoint: Endpoint = { url, region: "us-east-1", isLoopback: isLoopback(url) };
  return {
    credentials: () => findCredentials({ endpoint, env, tell: terminal.note }),
    endpoint: at,
    progress: terminal.progress,
  };
}

function isLoopback({ hostname }: URL): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

/** A new unit without accounts changes no account, and yet the file. */
function sameUnits(before: readonly ResolvedUnit[], after: readonly ResolvedUnit[]): boolean {
  const idsOf = (units: readonly ResolvedUnit[]) =>
    units
      .map(({ id }) => id)
      .toSorted()
      .join();
  return idsOf(before) === idsOf(after);
}

/** What is declared and matches nothing: a slip, or an account that left. */
function noteUseless(
  terminal: Terminal,
  declared: readonly { readonly id: string; readonly except: readonly string[] }[],
  units: readonly ResolvedUnit[],
): void {
  for (const { id, except } of declared) {
    const accounts = units.find((unit) => unit.id === id)?.accounts ?? [];
    if (accounts.length === 0) terminal.note(`${id} holds no active account`);
    for (const account of except.filter((each) => !accounts.some((it) => it.id === each)))
      terminal.note(`${id}: ${account} is excepted, and is no active account of it`);
  }
}

type Outcome = { readonly units: readonly ResolvedUnit[]; readonly changes: readonly AccountChange[] };

function report({ terminal, json, check }: ResolveOptions, { units, changes }: Outcome): void {
  const accounts = new Set(units.flatMap((unit) => unit.accounts.map(({ id }) => id))).size;
  if (json) {
    terminal.json({ units: units.length, accounts, changes });
    return;
  }
  for (const change of changes) terminal.line(changeLine(change));
  const went = changes.filter(({ change }) => change === "went").length;
  const came = changes.filter(({ change }) => change === "came").length;
  const state = check ? "" : `; ${RESOLVED_FILE} ${changes.length === 0 ? "is up to date" : "written"}`;
  terminal.line(`${units.length} units, ${accounts} accounts: ${came} came, ${went} went${state}`);
  if (went > 0)
    terminal.note(
      "of an account that went remove the member stacks: TALLYMAN_TARGET=member TALLYMAN_REGISTRY=<account>/<region> npx sst remove, from the commit before this, which still declares it",
    );
}

const SIGNS = { came: "+", went: "-", renamed: "~" } as const;

function changeLine({ change, unit, account, name }: AccountChange): string {
  return `${SIGNS[change]} ${account} ${name} (${unit})`;
}
