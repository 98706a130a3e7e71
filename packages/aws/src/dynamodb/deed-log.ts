import type { Deed, DeedLog, DeedQueries } from "@tallyman/domain/history/deed";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import * as z from "@tallyman/domain/zod";
import { deedKey, deedPk, digestPk, repoKey } from "./layout.ts";
import type { Query, Table } from "./table.ts";

const text = z.string();
const exactText = z.exactOptional(text);

const StoredDeed: z.ZodMiniType<Deed> = z.lazy(() =>
  z.object({
    account: text,
    region: text,
    repository: text,
    event: text,
    place: z.number(),
    at: text,
    action: z.enum([
      "push",
      "delete",
      "archive",
      "restore",
      "expire",
      "create-repository",
      "delete-repository",
    ]),
    by: text,
    digest: exactText,
    tag: exactText,
    rule: exactText,
    failure: exactText,
  }),
);

/** What CloudTrail told of, appended only; one item for each deed, forgotten by itself. */
export function dynamoDeedLog(table: Table): DeedLog {
  return {
    async append(deed, forgetAt) {
      const byDigest = deed.digest === undefined ? {} : indexed(deed, deed.digest);
      const expiresAt = Math.floor(Date.parse(forgetAt) / 1000);
      await table.putNew({ ...deed, ...deedKey(deed), ...byDigest, expiresAt });
    },
  };
}

function indexed(deed: Deed, digest: string) {
  return { gsi1pk: digestPk(digest), gsi1sk: `W#${repoKey(deed)}#${deed.at}#${deed.event}` };
}

export function dynamoDeedQueries(table: Table): DeedQueries {
  return { listDeeds: (about, page) => pageOf(table, queryOf(about), page) };
}

function queryOf(about: Parameters<DeedQueries["listDeeds"]>[0]): Query {
  if (!("digest" in about)) {
    const { repository, from } = about;
    return { partition: deedPk(repository), ...(from !== undefined && { sort: { after: from } }) };
  }
  const within = about.repository === undefined ? "" : `${repoKey(about.repository)}#`;
  return { index: "gsi1", partition: digestPk(about.digest), sort: { begins: `W#${within}` } };
}

const StartKey = z.lazy(() => z.record(text, text));

/** `next` is DynamoDB's own start key (the API signs it before anybody sees it). */
async function pageOf(table: Table, query: Query, { limit, next }: PageRequest): Promise<Page<Deed>> {
  const from = next === undefined ? undefined : StartKey.parse(JSON.parse(next));
  const page = await table.queryPage(query, StoredDeed, { limit, ...(from && { from }) });
  return { items: page.found.map((it) => it.record), ...(page.next && { next: JSON.stringify(page.next) }) };
}
