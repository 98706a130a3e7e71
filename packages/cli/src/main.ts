import { CommanderError } from "commander";
import { CommandError, EXIT } from "./errors.ts";
import { type Terminal, terminal } from "./output/terminal.ts";
import { createProgram } from "./program.ts";

/** Runs the command of this process and sets its exit code. */
export async function main(): Promise<void> {
  process.stdout.on("error", endQuietly);
  const out = terminal(process.stdout, process.stderr);
  process.exitCode = await run(out, process.argv.slice(2));
}

async function run(out: Terminal, args: readonly string[]): Promise<number> {
  const program = createProgram({ terminal: out, env: process.env });
  throwInsteadOfExit(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CommandError)) throw error;
    out.error(error.message);
    return error.exitCode;
  }
}

/** Commander ends the process itself, with 1, unless each command is told not to. */
function throwInsteadOfExit(command: ReturnType<typeof createProgram>): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

/** `tallyman images | head` closes our output early: that is no error. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
}
