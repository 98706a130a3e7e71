import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take minutes of one worker: begun last, they would be waited for while the other workers have nothing to do. */
const LONGEST = ["test/chaos/histories.test.ts", "test/integration/iam-statements.test.ts"];

/** vitest's own order (by size, on a fresh checkout), after those that are known to take long. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => moduleId.endsWith(name));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
