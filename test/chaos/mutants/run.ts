import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { MUTANTS, type Mutant } from "./mutants.ts";

// `node test/chaos/mutants/run.ts [words of a name]`: breaks one thing at a time in a copy of this checkout, and says which
// test of the domain's or of what asks ECR and the table, or else which history of `histories.test.ts`, was the first to turn
// red. Exits with 1 when one was not caught.

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** What git knows, as it lies here, and the installed packages; ours are those of the copy. */
function copyOfCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), "tallyman-mutants-"));
  const { stdout } = spawnSync("git", ["ls-files", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  for (const file of stdout.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  link(copy, "node_modules");
  for (const name of readdirSync(join(ROOT, "packages"))) linkIfThere(copy, `packages/${name}/node_modules`);
  linkIfThere(copy, "functions/node_modules");
  return copy;
}

function link(copy: string, folder: string): void {
  mkdirSync(join(copy, folder, "@tallyman"), { recursive: true });
  for (const name of readdirSync(join(ROOT, folder)))
    if (name !== "@tallyman") symlinkSync(join(ROOT, folder, name), join(copy, folder, name));
  for (const name of readdirSync(join(ROOT, folder, "@tallyman"))) {
    const ours = relative(ROOT, realpathSync(join(ROOT, folder, "@tallyman", name)));
    symlinkSync(join(copy, ours), join(copy, folder, "@tallyman", name));
  }
}

function linkIfThere(copy: string, folder: string): void {
  try {
    symlinkSync(realpathSync(join(ROOT, folder)), join(copy, folder));
  } catch {
    // Everything it needs is installed above it.
  }
}

/** What may catch a mutant: what takes seconds first. */
const SUITES = [
  [
    "--project",
    "unit",
    "packages/domain/src/inventory",
    "packages/domain/src/reconcile",
    "packages/aws/src/ecr/ecr.test.ts",
    "packages/aws/src/asked-together.test.ts",
  ],
  ["--project", "integration", "test/chaos/histories.test.ts", "-t=after one reconcile"],
];

/** The title of the first test that failed; undefined: none did. */
function firstFailure(copy: string): string | undefined {
  for (const suite of SUITES) {
    const failure = firstFailureOf(copy, suite);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function firstFailureOf(copy: string, suite: readonly string[]): string | undefined {
  const args = ["run", ...suite, "--bail=1", "--reporter=json"];
  const { stdout } = spawnSync(process.execPath, [join(copy, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: copy,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as Report;
  const failed = report.testResults
    .flatMap((file) => file.assertionResults)
    .find((it) => it.status === "failed");
  if (failed)
    return `${failed.title}: ${/"\S+?(?:\/[^"]*|: [^"]*)"/.exec(failed.failureMessages.join())?.[0] ?? ""}`;
  if (!report.success) throw new Error(`the tests could not be run: ${stdout.slice(0, 2000)}`);
  return undefined;
}

type Report = {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
};

function tryOut(copy: string, { name, file, find, replace }: Mutant): boolean {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(find).length !== 2) throw new Error(`${file} does not have once: ${find}`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  const failure = firstFailure(copy);
  writeFileSync(path, text);
  console.log(`${failure === undefined ? "SURVIVED" : "caught"}  ${name}\n    ${failure ?? ""}`);
  return failure !== undefined;
}

const words = process.argv.slice(2).join(" ");
const copy = copyOfCheckout();
const broken = firstFailure(copy);
if (broken) throw new Error(`red without any mutant: ${broken}`);
const survived = MUTANTS.filter(({ name }) => name.includes(words)).filter((mutant) => !tryOut(copy, mutant));
rmSync(copy, { recursive: true, force: true });
process.exitCode = survived.length > 0 ? 1 : 0;
