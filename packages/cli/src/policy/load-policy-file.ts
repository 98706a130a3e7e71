import { readFileSync } from "node:fs";
import { InvalidPolicyError, type PolicyProblem, parsePolicy } from "@tallyman/domain/policy/parse-policy";
import { Policy } from "@tallyman/domain/policy/policy";
import { allowedKeys } from "./allowed-keys.ts";
import { readYaml, type YamlSource } from "./read-yaml.ts";
import { SourceFileError, type SourceProblem } from "./source-problem.ts";

/**
 * Reads `tallyman.yaml`. Throws a SourceFileError that names every problem as `file:line:column: message`; an unknown
 * key is answered with the keys that are allowed in its place.
 */
export async function loadPolicyFile(file: string): Promise<Policy> {
  return readPolicy(readText(file), file);
}

/** The same of text that was read already; `file` is what problems are reported under. */
export async function readPolicy(text: string, file: string): Promise<Policy> {
  const source = readYaml(text, file);
  try {
    return await parsePolicy(source.value);
  } catch (error) {
    if (!(error instanceof InvalidPolicyError)) throw error;
    const problems = error.problems.map((problem) => located(problem, source));
    throw new SourceFileError(file, problems, { cause: error });
  }
}

function located({ path, message }: PolicyProblem, source: YamlSource): SourceProblem {
  return { ...source.positionOf(path), message: `${where(path)}${message}${hint(path, message)}` };
}

function where(path: PolicyProblem["path"]): string {
  return path.length === 0 ? "" : `${path.join(".")}: `;
}

function hint(path: PolicyProblem["path"], message: string): string {
  if (message.startsWith("unknown key")) {
    return `; allowed here: ${allowedKeys(Policy, path.slice(0, -1)).join(", ")}`;
  }
  // YAML reads 1.10 as the number 1.1: the commonest slip in a list of tags.
  return /expected string, received (number|boolean)/.test(message) ? " (put it in quotes)" : "";
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new SourceFileError(file, [{ line: 1, column: 1, message }], { cause: error });
  }
}
