/** The end of a help text. */
export function examples(...commands: readonly string[]): string {
  return `\nExamples:\n${commands.map((it) => `  $ tallyman ${it}`).join("\n")}`;
}
