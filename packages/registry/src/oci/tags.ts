import { invalidParameter } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import { listTags, listTagsByDigest } from "../storage/tags.ts";
import { type RepositoryExchange, sendJson } from "./exchange.ts";
import { nextPage, pageSize } from "./page.ts";

/** GET `/tags/list`: tags of active images in pages (`n`, `last`, `Link`), in lexical order unless `strictEcr`. */
export function serveTags(exchange: RepositoryExchange): void {
  const { core, permits, query, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:ListImages" }, exchange.repository);
  const repository = getRepository(core.sql, exchange.repository);
  const limit = pageSize(query.get("n"));
  const read = core.switches.strictEcr ? readUnordered : readOrdered;
  const { tags, last } = read(exchange, { id: repository.id, after: query.get("last") ?? "", limit });
  const link = nextPage(`/v2/${repository.name}/tags/list`, { limit, last });
  // ECR sends this JSON as plain text; clients that look at the type must cope.
  sendJson(res, { name: repository.name, tags }, { "Content-Type": "text/plain; charset=utf-8", ...link });
}

type Page = { readonly id: number; readonly after: string; readonly limit: number };
type Tags = { readonly tags: readonly string[]; readonly last: string | undefined };

function readOrdered({ core }: RepositoryExchange, { id, after, limit }: Page): Tags {
  const found = listTags(core.sql, id, { after, limit: limit + 1 });
  const tags = found.slice(0, limit);
  return { tags, last: found.length > limit ? tags.at(-1) : undefined };
}

/** ECR's `last` is for following its `Link`, not for building one from a tag. */
function readUnordered({ core }: RepositoryExchange, { id, after, limit }: Page): Tags {
  const found = listTagsByDigest(core.sql, id, { after: openCursor(after), limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last !== undefined;
  return {
    tags: page.map(({ tag }) => tag),
    last: more ? Buffer.from(`${last.digest} ${last.tag}`).toString("base64url") : undefined,
  };
}

function openCursor(last: string): { readonly digest: string; readonly tag: string } {
  if (last === "") return { digest: "", tag: "" };
  const [, digest, tag] =
    /^(sha256:[a-f0-9]{64}) ([\w.-]+)$/.exec(Buffer.from(last, "base64url").toString()) ?? [];
  if (digest === undefined || tag === undefined) throw invalidParameter("nextToken", "Invalid token");
  return { digest, tag };
}
