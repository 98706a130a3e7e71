import { readFile } from "node:fs/promises";
import { type Answer, send } from "./http.mts";
import { at, parseJson, textAt } from "./json.mts";
import type { Resource } from "./resources.mts";

export type Cluster = {
  readonly url: URL;
  /** File with the service account's token; read for every page, since it is replaced now and then. */
  readonly tokenFile?: string;
  /** PEM of the cluster's own authority. */
  readonly ca?: string;
};

/** The server does not know any more what the list was when it began: it is to be begun anew. */
export class ListExpiredError extends Error {
  readonly code = "LIST_EXPIRED";
}

const PAGE = 250;
/** 20 KiB for each object is usual; with pages of more than 256 KiB each the pod would run out of memory, and say nothing. */
const MOST = 64 * 1024 * 1024;

/**
 * All objects of a resource as they were when the first page was made (kubernetes.io/docs/reference/using-api/api-concepts,
 * "Retrieving large results sets in chunks"), a page in memory at a time. Throws when any page fails; ListExpiredError when
 * the list took longer than the server remembers.
 */
export async function* pagesOf(cluster: Cluster, resource: Resource): AsyncGenerator<readonly unknown[]> {
  let from: string | undefined;
  do {
    const page = await pageOf(cluster, resource, from);
    yield itemsOf(page, resource);
    const next = textAt(page, "metadata", "continue");
    if (next !== undefined && next === from)
      throw new Error(`${resource.path} answers with the same page for ever`);
    from = next;
  } while (from !== undefined);
}

async function pageOf(cluster: Cluster, { path }: Resource, from: string | undefined): Promise<unknown> {
  const url = new URL(cluster.url);
  url.pathname = `${url.pathname.replace(/\/$/, "")}${path}`;
  url.searchParams.set("limit", `${PAGE}`);
  if (from !== undefined) url.searchParams.set("continue", from);
  const token = cluster.tokenFile && (await readFile(cluster.tokenFile, "utf8")).trim();
  const headers = { accept: "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const { ca } = cluster;
  const answer = await send({ url, headers, most: MOST, ...(ca !== undefined && { ca }) });
  if (answer.status === 200) return parseJson(answer.text, path);
  if (answer.status === 410 && from !== undefined) throw new ListExpiredError(`${path}: ${saidBy(answer)}`);
  throw new Error(`${path} could not be listed: ${saidBy(answer)}${remedyFor(answer.status)}`);
}

/** A list of another kind, or none, is not an empty one. */
function itemsOf(page: unknown, { kind, path }: Resource): readonly unknown[] {
  const items = at(page, "items");
  if (textAt(page, "kind") !== `${kind}List` || !Array.isArray(items))
    throw new Error(`${path} answered with something else than a ${kind}List`);
  return items;
}

function saidBy({ status, text }: Answer): string {
  let message: string | undefined;
  try {
    message = textAt(JSON.parse(text), "message");
  } catch {
    message = text.slice(0, 200);
  }
  return `${status}${message === undefined ? "" : ` ${message}`}`;
}

function remedyFor(status: number): string {
  if (status === 401) return ". The token of the service account is not accepted";
  if (status === 403)
    return ". Apply docs/kubernetes/rbac.yaml: the service account must list it in all namespaces";
  return "";
}
