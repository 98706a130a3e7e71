/** Of the report before: the share, and the number, of what a report may lack and still be believed. */
const MOST_MISSING_SHARE = 0.2;
const MOST_MISSING = 5;

export type Suspicion = { readonly missing: number; readonly reason: string };

/**
 * Why a complete report is not believed at once, or undefined. `previous`, `next`: the subjects (subjectName) that the report
 * in force names, and the new one. What sees nothing all of a sudden has mostly lost its sight.
 */
export function suspectReason(
  previous: ReadonlySet<string>,
  next: ReadonlySet<string>,
): Suspicion | undefined {
  const missing = previous.difference(next).size;
  const { size } = previous;
  if (size > 0 && next.size === 0)
    return { missing, reason: `it names nothing; the report in force names ${counted(size)}` };
  if (missing <= MOST_MISSING || missing <= MOST_MISSING_SHARE * size) return undefined;
  return { missing, reason: `it lacks ${missing} of the ${counted(size)} that the report in force names` };
}

function counted(size: number): string {
  return size === 1 ? "1 image or tag" : `${size} images and tags`;
}
