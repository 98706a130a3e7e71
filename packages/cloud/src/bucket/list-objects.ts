export type ListQuery = {
  readonly prefix: string;
  readonly delimiter: string;
  /** Keys after this one only. */
  readonly after: string;
  /** At most, keys and common prefixes together. */
  readonly limit: number;
};

export type ListPage<T> = {
  readonly contents: readonly T[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page starts; undefined: this is the last one. */
  readonly next: string | undefined;
};

/** One page of ListObjectsV2 over objects in order of their keys. */
export function listObjects<T extends { readonly key: string }>(
  objects: readonly T[],
  query: ListQuery,
): ListPage<T> {
  const contents: T[] = [];
  const prefixes = new Set<string>();
  let last = "";
  for (const object of objects) {
    if (!object.key.startsWith(query.prefix) || !isAfter(object.key, query)) continue;
    const folder = folderOf(object.key, query);
    if (folder !== undefined && prefixes.has(folder)) continue;
    if (contents.length + prefixes.size >= query.limit) {
      return { contents, commonPrefixes: [...prefixes], next: last };
    }
    if (folder === undefined) contents.push(object);
    else prefixes.add(folder);
    last = folder ?? object.key;
  }
  return { contents, commonPrefixes: [...prefixes], next: undefined };
}

/** A page that ended with a common prefix goes on behind everything under it. */
function isAfter(key: string, { after, delimiter, prefix }: ListQuery): boolean {
  if (after === "") return true;
  const wholeFolder = delimiter !== "" && after.endsWith(delimiter) && after.length > prefix.length;
  if (wholeFolder && key.startsWith(after)) return false;
  return Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
}

function folderOf(key: string, { prefix, delimiter }: ListQuery): string | undefined {
  if (delimiter === "") return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
