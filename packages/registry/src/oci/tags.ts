import { invalidParameter } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import { listTags } from "../storage/tags.ts";
import { type RepositoryExchange, sendJson } from "./exchange.ts";

const DEFAULT_PAGE = 100;
const MAXIMUM_PAGE = 1000;

/** GET `/tags/list`: tags of active images in lexical order, in pages (`n`, `last`, `Link`). */
export function serveTags(exchange: RepositoryExchange): void {
  const { core, permits, query, res, caller } = exchange;
  permits.onRepository({ caller, action: "ecr:ListImages" }, exchange.repository);
  const repository = getRepository(core.sql, exchange.repository);
  const limit = pageSize(query.get("n"));
  const found = listTags(core.sql, repository.id, { after: query.get("last") ?? "", limit: limit + 1 });
  const tags = found.slice(0, limit);
  const last = tags.at(-1);
  const next = `/v2/${repository.name}/tags/list?n=${limit}&last=${encodeURIComponent(last ?? "")}`;
  const link = found.length > limit && last !== undefined ? { Link: `<${next}>; rel="next"` } : {};
  // ECR sends this JSON as plain text; clients that look at the type must cope.
  sendJson(res, { name: repository.name, tags }, { "Content-Type": "text/plain; charset=utf-8", ...link });
}

function pageSize(n: string | null): number {
  if (n === null) return DEFAULT_PAGE;
  if (!/^\d+$/.test(n)) throw invalidParameter("maxResults", "Member must be a whole number");
  if (Number(n) > MAXIMUM_PAGE) {
    throw invalidParameter("maxResults", `Member must have value less than or equal to ${MAXIMUM_PAGE}`);
  }
  return Number(n);
}
