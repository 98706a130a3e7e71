import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { Mutant } from "./mutants.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const DOMAIN = "packages/domain/src";
/** The domain, and what asks it: everything else stays where it is. */
const COPIED = [`${DOMAIN}/**/*.ts`, "test/fakes/*.ts", "test/builders/*.ts", "test/usage/support/*.ts"];

/** A copy of the domain and of the properties, in which the properties import the copied domain. */
export function newScratch(): string {
  const scratch = mkdtempSync(join(tmpdir(), "tallyman-usage-mutants-"));
  for (const path of globSync(COPIED, { cwd: ROOT })) {
    if (path.endsWith(".test.ts")) continue;
    const copy = join(scratch, path);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, withOwnDomain(readFileSync(join(ROOT, path), "utf8"), path));
  }
  symlinkSync(join(ROOT, "node_modules"), join(scratch, "node_modules"));
  return scratch;
}

function withOwnDomain(source: string, path: string): string {
  const up = relative(dirname(path), ".") || ".";
  return source.replaceAll(/"@tallyman\/domain\/([\w/-]+)"/g, (_, name) => `"${up}/${DOMAIN}/${name}.ts"`);
}

/** Another copy, with one thing broken. */
export function mutated(scratch: string, mutant: Mutant, name: string): string {
  const copy = join(scratch, "..", `${name}`);
  cpSync(scratch, copy, { recursive: true, verbatimSymlinks: true });
  const file = join(copy, DOMAIN, "usage", mutant.file);
  const source = readFileSync(file, "utf8");
  if (source.split(mutant.find).length !== 2)
    throw new Error(`${mutant.file} has what "${mutant.name}" breaks not once: the mutant is out of date`);
  writeFileSync(
    file,
    source.replace(mutant.find, () => mutant.replace),
  );
  return copy;
}

export function dropScratch(scratch: string): void {
  rmSync(scratch, { recursive: true, force: true });
}
