import type { LifecycleImage } from "@tallyman/domain/lifecycle-policy/lifecycle-image";
import type { Sql } from "../storage/database.ts";
import { listLifecycleImages } from "../storage/lifecycle-images.ts";
import type { Pause } from "./pauses.ts";

const PAGE = 1000;

/**
 * All images of a repository, read in pieces between which others may write: what is decided by them is looked at again
 * before it is done.
 */
export async function readImages(
  sql: Sql,
  repositoryId: number,
  pause: Pause,
): Promise<readonly LifecycleImage[]> {
  const images: LifecycleImage[] = [];
  for (let page: readonly LifecycleImage[] | undefined; page === undefined || page.length === PAGE; ) {
    page = listLifecycleImages(sql, repositoryId, { after: images.at(-1)?.digest ?? "", limit: PAGE });
    images.push(...page);
    await pause();
  }
  return images;
}

/** Images that one transaction acts on. A multiple of what one event of CloudTrail tells of. */
const PIECE = 450;

/** Decisions for one transaction each; one piece of nothing where there are none. */
export function piecesOf<Decision>(decisions: readonly Decision[]): readonly (readonly Decision[])[] {
  const count = Math.max(1, Math.ceil(decisions.length / PIECE));
  return Array.from({ length: count }, (_, index) => decisions.slice(index * PIECE, (index + 1) * PIECE));
}
