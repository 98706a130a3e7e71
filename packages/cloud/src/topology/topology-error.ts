/** A stack that this cloud cannot run as it stands; lists every problem found. */
export class TopologyError extends Error {
  readonly code = "TOPOLOGY";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The stacks cannot run here:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "TopologyError";
    this.problems = problems;
  }
}
