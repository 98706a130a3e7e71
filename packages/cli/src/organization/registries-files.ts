import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  RESOLVED_FILE,
  RegistriesFile,
  ResolvedFile,
  type ResolvedUnit,
} from "@tallyman/domain/registry/registries-file";
import type { ZodMiniType } from "@tallyman/domain/zod";
import { CommandError } from "../errors.ts";
import { readYaml } from "../policy/read-yaml.ts";
import { SourceFileError } from "../policy/source-problem.ts";

/** Reads `tallyman.registries.yaml`; throws a CommandError that names every problem with line and column. */
export function loadRegistriesFile(file: string): RegistriesFile {
  if (!existsSync(file)) throw new CommandError(`There is no ${file} here; name it, or change directory.`);
  return load(file, RegistriesFile);
}

/** The resolved file beside it; undefined: there is none yet. */
export function loadResolvedFile(registriesFile: string): ResolvedFile | undefined {
  const file = resolvedFileOf(registriesFile);
  return existsSync(file) ? load(file, ResolvedFile) : undefined;
}

export function resolvedFileOf(registriesFile: string): string {
  return join(dirname(registriesFile), RESOLVED_FILE);
}

/** Writes the resolved file whole or not at all. */
export function writeResolvedFile(registriesFile: string, units: readonly ResolvedUnit[]): void {
  const file = resolvedFileOf(registriesFile);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, resolvedText(units));
  renameSync(unfinished, file);
}

const HEAD = `# Which active accounts the organisation units of tallyman.registries.yaml hold. Written by "tallyman registries resolve":
# commit it, and review its diff like a lock file: these accounts are watched from the next deployment on.
`;

/** Units and accounts sorted: the same organisation gives the same text. */
function resolvedText(units: readonly ResolvedUnit[]): string {
  const sorted = units.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const lines = sorted.flatMap(({ id, accounts }) => [
    `  - id: ${id}`,
    accounts.length === 0 ? "    accounts: []" : "    accounts:",
    ...accounts.map((account) => `      - { id: "${account.id}", name: ${JSON.stringify(account.name)} }`),
  ]);
  return `${HEAD}${units.length === 0 ? "units: []" : ["units:", ...lines].join("\n")}\n`;
}

function load<T>(file: string, schema: ZodMiniType<T>): T {
  try {
    const source = readYaml(readFileSync(file, "utf8"), file);
    const parsed = schema.safeParse(source.value);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map(({ path, message }) => ({
      ...source.positionOf(path),
      message: path.length === 0 ? message : `${path.join(".")}: ${message}`,
    }));
    throw new SourceFileError(file, problems, { cause: parsed.error });
  } catch (error) {
    if (!(error instanceof SourceFileError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}
