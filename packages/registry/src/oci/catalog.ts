import { listRepositories } from "../storage/repositories.ts";
import { type Exchange, sendJson } from "./exchange.ts";
import { nextPage, pageSize } from "./page.ts";

/** GET `/v2/_catalog`: names of the registry's repositories in lexical order, in pages (`n`, `last`, `Link`). */
export function serveCatalog({ core, permits, query, res, registry, caller }: Exchange): void {
  permits.onAllRepositories({ caller, action: "ecr:DescribeRepositories" }, registry);
  const limit = pageSize(query.get("n"));
  const found = listRepositories(core.sql, registry, { after: query.get("last") ?? "", limit: limit + 1 });
  const repositories = found.slice(0, limit).map((repository) => repository.name);
  const more = core.switches.catalogPaging && found.length > limit;
  const link = nextPage("/v2/_catalog", { limit, last: more ? repositories.at(-1) : undefined });
  sendJson(res, { repositories }, link);
}
