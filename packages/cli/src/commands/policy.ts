import { CommandError } from "../errors.ts";
import type { Terminal } from "../output/terminal.ts";
import { loadPolicyFile } from "../policy/load-policy-file.ts";
import { SourceFileError } from "../policy/source-problem.ts";

/** `tallyman policy check [file]`: needs no deployment. Every problem with its line and column. */
export async function checkPolicy(terminal: Terminal, file: string, json: boolean): Promise<void> {
  try {
    const policy = await loadPolicyFile(file);
    if (json) terminal.json({ file, problems: [] });
    else terminal.line(`${file}: valid, ${policy.tagging.rules.length} tagging rules`);
  } catch (error) {
    if (!(error instanceof SourceFileError)) throw error;
    if (json) terminal.json({ file, problems: error.problems });
    throw new CommandError(json ? `${error.problems.length} problem(s) in ${file}` : error.message, {
      cause: error,
    });
  }
}
