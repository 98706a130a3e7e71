/** One thing of the write protocol or of the sweep broken on purpose: `find` stands once in `file`. */
export type Mutant = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
};

const INVENTORY = "packages/domain/src/inventory";
const RECONCILE = "packages/domain/src/reconcile";
const DYNAMO = "packages/aws/src/dynamodb";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "the fence is ignored: an item is put whatever its version",
    file: `${DYNAMO}/table.ts`,
    find: "await orConflict(put(item, fenceOf(item.version)), () => {",
    replace: 'await orConflict(put(item, { condition: "attribute_not_exists(nothing)" }), () => {',
  },
  {
    name: "a tag's version is read after the registry",
    file: `${INVENTORY}/record-tag.ts`,
    find: `  const [previous, known] = await Promise.all([
    deps.tags.findTag(repository, tag),
    request.digest === undefined ? undefined : deps.images.findImage(repository, request.digest),
  ]);
  const read = await deps.registry.findImage(repository, { tag });
`,
    replace: `  const read = await deps.registry.findImage(repository, { tag });
  const [previous, known] = await Promise.all([
    deps.tags.findTag(repository, tag),
    request.digest === undefined ? undefined : deps.images.findImage(repository, request.digest),
  ]);
`,
  },
  {
    name: "an image's version is read after the registry",
    file: `${INVENTORY}/record-digest.ts`,
    find: `    const previous = await deps.images.findImage(repository, request.digest);
    const read = await deps.registry.findImage(repository, { digest: request.digest });
`,
    replace: `    const read = await deps.registry.findImage(repository, { digest: request.digest });
    const previous = await deps.images.findImage(repository, request.digest);
`,
  },
  {
    name: "a tag's history is written after its pointer",
    file: `${DYNAMO}/tag-store.ts`,
    find: "      if (settled && settled.digest !== next.digest) await table.putNew(historyItem(settled, next));\n",
    replace: `      if (settled && settled.digest !== next.digest) {
        const later = historyItem(settled, next);
        await dynamoTagStore(table).moveTag({ ...settled, digest: next.digest }, next);
        await table.putNew(later);
        return;
      }
`,
  },
  {
    name: "a stage of an image's life is written after its record",
    file: `${DYNAMO}/image-store.ts`,
    find: "      if (settled) {\n        await table.putNew({",
    replace: `      if (settled) {
        await dynamoImageStore(table).putImage(record);
        return void await table.putNew({`,
  },
  {
    name: "the gone-check is left out: what the listing did not show is closed",
    file: `${RECONCILE}/sweep-image.ts`,
    find: "await sweepOne(sweep, digest, await sweep.deps.registry.findImage(sweep.repository, { digest }));",
    replace: "await sweepOne(sweep, digest, undefined);",
  },
  {
    name: "the gone-check is believed on a fence that was read after it",
    file: `${RECONCILE}/sweep-image.ts`,
    find: "  const previous = known.images.get(digest);\n  const request",
    replace:
      "  const previous = read ? known.images.get(digest) : await deps.images.findImage(repository, digest);\n  const request",
  },
  {
    name: "whoever ended a stage of an image's life does not look once more",
    file: `${INVENTORY}/record-digest.ts`,
    find: "  if (ended) {",
    replace: "  if (ended && it.digest === undefined) {",
  },
  {
    name: "an event that finds nothing to change does not advance the tag's version",
    file: `${INVENTORY}/next-tag-pointer.ts`,
    find: "if (event === undefined || event === previous.event) return undefined;",
    replace: "if (event !== null) return undefined;",
  },
  {
    name: "whoever opened a violation does not look whether the tag has moved on",
    file: `${INVENTORY}/record-tag.ts`,
    find: "  if (current?.version !== pointer?.version)",
    replace: "  if (current === null)",
  },
  {
    name: "a deletion of what was never recorded is not recorded",
    file: `${INVENTORY}/next-image-record.ts`,
    find: "if (!previous) return ENDINGS.includes(reading.cause) ? neverSeen(reading) : undefined;",
    replace: "if (!previous) return ENDINGS.includes(reading.cause) ? undefined : undefined;",
  },
  {
    name: "archived images are hidden",
    file: "packages/aws/src/ecr/registry-reader.ts",
    find: 'const filter = { imageStatus: "ANY" } as const;',
    replace: 'const filter = { imageStatus: "ACTIVE" } as const;',
  },
  {
    name: "a tag that is known is taken to be right wherever the listing has it",
    file: `${RECONCILE}/sweep-tag.ts`,
    find: "if (previous?.digest !== digest || breaches.length !== open.length) return false;",
    replace: "if (!previous?.digest || breaches.length !== open.length) return false;",
  },
  {
    name: "tags that the listing did not show are left",
    file: `${RECONCILE}/sweep-repository.ts`,
    find: "await inParallel(unlisted, atOnce, (tag)",
    replace: "await inParallel([] as string[], atOnce, (tag)",
  },
  {
    name: "an interval's beginning is the worker's own time",
    file: `${INVENTORY}/settled.ts`,
    find: "return previous && previous.since > at ? previous.since : at;",
    replace: "return previous && previous.since === at ? previous.since : at;",
  },
  {
    name: "tags that an unknown image got unheard are left",
    file: "packages/domain/src/inventory/record-image.ts",
    find: "image.tags.filter((it) => it !== subject.tag)",
    replace: "image.tags.filter(() => false)",
  },
  {
    name: "a worker asks for a repository to be counted once in its life",
    file: "packages/aws/src/sqs/recount-queue.ts",
    find: "if (asked.window !== window) asked",
    replace: "if (asked.window === 0) asked",
  },
  {
    name: "a question gets the answer to those that were on their way before it",
    file: "packages/aws/src/asked-together.ts",
    find: `      groups.delete(group);
      return ask([...questions.values()]);
`,
    replace: "      return ask([...questions.values()]).finally(() => groups.delete(group));\n",
  },
];
