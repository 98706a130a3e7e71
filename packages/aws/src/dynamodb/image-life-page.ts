import { type LifeStage, mergeStages } from "@tallyman/domain/inventory/life-stages";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { historyPage } from "./history-page.ts";
import { imageKey } from "./layout.ts";
import { StoredImage } from "./record-schemas.ts";
import type { Table } from "./table.ts";

/** One page of the stages of an image's life in one repository, oldest first. */
export function imageLifePage(
  table: Table,
  { repository, digest }: { readonly repository: RepositoryRef; readonly digest: string },
  page: PageRequest,
): Promise<Page<LifeStage>> {
  const subject = { repository, subject: digest, current: imageKey(repository, digest) };
  return historyPage(table, { ...subject, schema: StoredImage, merge: mergeStages }, page);
}
