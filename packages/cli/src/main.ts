import { CommanderError } from "commander";
import { CommandError, EXIT } from "./errors.ts";
import { type Terminal, terminal } from "./output/terminal.ts";
import { createProgram } from "./program.ts";

/** Runs the command of this process and sets its exit code. */
export async function main(): Promise<void> {
  process.stdout.on("error", endQuietly);
  const out = terminal(process.stdout, process.stderr);
  process.exitCode = await run(out, process.env, process.argv.slice(2));
}

/** One call of the command, with its exit code; unforeseen errors are thrown. */
export async function run(
  out: Terminal,
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Promise<number> {
  const program = createProgram({ terminal: out, env });
  configure(program, out);
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

/** Commander ends the process itself, with 1, and writes on its own, unless each command is told not to. */
function configure(command: ReturnType<typeof createProgram>, out: Terminal): void {
  command.exitOverride();
  command.configureOutput({ writeOut: out.raw, writeErr: out.rawError });
  for (const child of command.commands) configure(child, out);
}

/** `tallyman images | head` closes our output early: that is no error. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
}
