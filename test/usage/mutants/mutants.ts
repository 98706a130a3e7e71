/** One guard of the evidence taken out: `find` stands once in `file` of packages/domain/src/usage. */
export type Mutant = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Which of the properties turns red. */
  readonly caughtBy: "in-use" | "interleavings";
};

const IN_USE = { caughtBy: "in-use" } as const;
const INTERLEAVINGS = { caughtBy: "interleavings" } as const;

const READING: readonly Mutant[] = [
  {
    name: "a template by tag counts for what it was resolved to alone",
    file: "understand-items.ts",
    find: "if (digests.size > 0 && !STARTS_LATER.includes(kind)) return subjects;",
    replace: "if (digests.size > 0) return subjects;",
    ...IN_USE,
  },
  {
    name: "a tag counts beside the digest that pins it",
    file: "understand-items.ts",
    find: "if (uri?.tag === undefined || uri.digest !== undefined) return subjects;",
    replace: "if (uri?.tag === undefined) return subjects;",
    ...IN_USE,
  },
  {
    name: "the digest in the name is not looked at",
    file: "understand-items.ts",
    find: "new Set([digest, uri?.digest]",
    replace: "new Set([digest]",
    ...IN_USE,
  },
  {
    name: "the digest that the runtime resolved is not looked at",
    file: "understand-items.ts",
    find: "new Set([digest, uri?.digest]",
    replace: "new Set([uri?.digest]",
    ...IN_USE,
  },
  {
    name: "what stopped counts for as long as it is reported",
    file: "understand-items.ts",
    find: '...(kind === "stopped" && seenAt !== undefined',
    replace: "...(seenAt === null && seenAt !== undefined",
    ...IN_USE,
  },
  {
    name: "what runs and stopped has only stopped",
    file: "use.ts",
    find: "const seenAt = a.seenAt !== undefined && b.seenAt !== undefined ? latest(a.seenAt, b.seenAt) : undefined;",
    replace: "const seenAt = a.seenAt ?? b.seenAt;",
    ...IN_USE,
  },
];

const BELIEVING: readonly Mutant[] = [
  {
    name: "an empty report is believed",
    file: "suspect.ts",
    find: "if (size > 0 && next.size === 0)",
    replace: "if (size < 0)",
    ...IN_USE,
  },
  {
    name: "no report is suspect",
    file: "apply-report.ts",
    find: "  if (suspicion) return holdBack(",
    replace: "  if (suspicion && report === undefined) return holdBack(",
    ...IN_USE,
  },
  {
    name: "a first report from outside may be empty",
    file: "apply-report.ts",
    find: "  if (items.length > 0 || collected.includes(source)) return undefined;",
    replace: "  if (items.length > -1 || collected.includes(source)) return undefined;",
    ...IN_USE,
  },
  {
    name: "an accepted report is judged again",
    file: "apply-report.ts",
    find: "const suspicion = isAccepted(snapshot, state) ? undefined : suspicionOf(",
    replace: "const suspicion = suspicionOf(",
    ...IN_USE,
  },
  {
    name: "a report's time is when it came, not as of when it is",
    file: "source-state.ts",
    find: "observedAt: notAfter(snapshot.observedAt, now),\n    acceptedAt",
    replace: "observedAt: now.toISOString(),\n    acceptedAt",
    ...IN_USE,
  },
  {
    name: "a suspect report that gave way stays suspect",
    file: "source-state.ts",
    find: "const { suspect: _, failure: __, ...rest } = state;",
    replace: "const { failure: __, ...rest } = state;",
    ...IN_USE,
  },
  {
    name: "a failure stays after a success",
    file: "source-state.ts",
    find: "const { suspect: _, failure: __, ...rest } = state;",
    replace: "const { suspect: _, ...rest } = state;",
    ...IN_USE,
  },
];

const DOUBTING: readonly Mutant[] = [
  ...["neverReported(expected)", "stale(expected, now)", "failed(expected)", "suspect(expected)"].map(
    (guard) => ({
      name: `no doubt because of ${guard.slice(0, guard.indexOf("("))}`,
      file: "judge-scope.ts",
      find: guard,
      replace: "undefined",
      ...IN_USE,
    }),
  ),
  {
    name: "an account that nothing sees is no doubt",
    file: "doubts-of.ts",
    find: 'return [{ consumer, why: "no-source", reason, remedy }];',
    replace: "return [] as Found[] | (typeof reason & typeof remedy)[];",
    ...IN_USE,
  },
  {
    name: "a registry of which nobody knows who pulls is no doubt",
    file: "doubts-of.ts",
    find: "if (asOf === undefined || !(now",
    replace: "if (asOf === null || asOf !== undefined && !(now",
    ...IN_USE,
  },
  {
    name: "who may pull is known for ever",
    file: "doubts-of.ts",
    find: "<= usage.maxAgeHours * HOUR_MS",
    replace: "<= 1000 * usage.maxAgeHours * HOUR_MS",
    ...IN_USE,
  },
  {
    name: "a repository that everyone may pull from is no doubt",
    file: "doubts-of.ts",
    find: "if (anyone)",
    replace: "if (anyone === null)",
    ...IN_USE,
  },
  ...[
    ["its own account", "    repository.account,\n"],
    ["the accounts that its policy names", "    ...(named ?? []),\n"],
    ["who pulls it through", "    ...pullingThrough(evidence, repository),\n"],
    ["the accounts that the policy names", "    ...declared,\n"],
  ].map(([who, find = ""]) => ({
    name: `a repository's consumers are not ${who}`,
    file: "consumers-of.ts",
    find,
    replace: "",
    ...IN_USE,
  })),
  {
    name: "who reports by itself is not expected to",
    file: "expected-scopes.ts",
    find: "...ownScopes(evidence)",
    replace: "",
    ...IN_USE,
  },
  {
    name: "doubts are not looked at",
    file: "is-in-use.ts",
    find: "gaps.length > 0 || doubts.length > 0",
    replace: "gaps.length > 0",
    ...IN_USE,
  },
  {
    name: "an index that could not be read is not looked at",
    file: "is-in-use.ts",
    find: "...view.unreadIndexes.map(unreadReason)",
    replace: "",
    ...IN_USE,
  },
];

const RELATING: readonly Mutant[] = [
  {
    name: "the indexes that hold an image are not looked at",
    file: "relatives.ts",
    find: 'for await (const parent of referring) parents.set(parent, "index");\n  for (const parent of search.knownParents(digest)) parents.set(parent, "index");',
    replace: "void referring;",
    ...IN_USE,
  },
  {
    name: "only the index over the table says which indexes hold an image",
    file: "relatives.ts",
    find: 'for (const parent of search.knownParents(digest)) parents.set(parent, "index");',
    replace: "",
    ...IN_USE,
  },
  {
    name: "an index is not used with its platforms",
    file: "relatives.ts",
    find: 'await descend(search, [digest], "platform");',
    replace: "",
    ...IN_USE,
  },
  {
    name: "a platform is not used with the others of its index",
    file: "relatives.ts",
    find: "for (const parent of await ascend(search))",
    replace: "for (const parent of (await ascend(search)).slice(0, 0))",
    ...IN_USE,
  },
  {
    name: "a signature is not used with what it signs",
    file: "relatives.ts",
    find: "if (head.subject !== undefined) parents",
    replace: "if (head.subject === null) parents",
    ...IN_USE,
  },
  {
    name: "tags are not looked at",
    file: "uses-of.ts",
    find: "for await (const pointer of tagsOf(digest)) {",
    replace: "for await (const pointer of [] as Pointing[]) {",
    ...IN_USE,
  },
  {
    name: "only the index over the table says which tags point at an image",
    file: "is-in-use.ts",
    find: "const own = tagsOf.get(digest) ?? [];",
    replace: "const own: string[] = []; void tagsOf;",
    ...IN_USE,
  },
  {
    name: "tags of other repositories are not looked at",
    file: "is-in-use.ts",
    find: "if (!sameRepository(pointer, repository) || !own.includes(pointer.tag)) yield pointer;",
    replace: "if (sameRepository(pointer, repository) && !own.includes(pointer.tag)) yield pointer;",
    ...IN_USE,
  },
  {
    name: "what ended does not count any more",
    file: "in-force.ts",
    find: "return lastUsed === undefined || !(",
    replace: "return lastUsed === undefined || record.endedAt === undefined && !(",
    ...IN_USE,
  },
  {
    name: "what ended counts for ever",
    file: "in-force.ts",
    find: "return lastUsed === undefined || !(",
    replace: "return lastUsed === undefined || record.endedAt !== undefined || !(",
    ...IN_USE,
  },
  {
    name: "tasks that events told of are not noted",
    file: "note-use.ts",
    find: "  await store.putUsage(recordOf(previous, use));\n",
    replace: "",
    ...IN_USE,
  },
  {
    name: "a use that events told of before is not noted again",
    file: "note-use.ts",
    find: "< SEEN_INTERVAL_MS;",
    replace: "< 1000 * SEEN_INTERVAL_MS;",
    ...IN_USE,
  },
];

const APPLYING: readonly Mutant[] = [
  {
    name: "what a report does not name does not end",
    file: "settle-report.ts",
    find: "return { ...record, endedAt: report.now.toISOString(), forgetAt };",
    replace: "return forgetAt === undefined ? record : undefined;",
    ...IN_USE,
  },
  {
    name: "a use of which less is said stays as it was",
    file: "settle-report.ts",
    find: "sameUse(record, use) ? undefined : narrowed(record, use)",
    replace: "sameUse(record, use) ? undefined : undefined as ReturnType<typeof narrowed> | undefined",
    ...IN_USE,
  },
  {
    name: "who works on an older report ends what a later one wrote",
    file: "settle-report.ts",
    find: "(record.sequence ?? 0) > report.sequence",
    replace: "(record.sequence ?? 0) < 0",
    ...INTERLEAVINGS,
  },
  {
    name: "what is stored already is not numbered anew",
    file: "write-uses.ts",
    find: "&& (previous.sequence ?? 0) > report.inForce",
    replace: "",
    ...INTERLEAVINGS,
  },
  {
    name: "a report is in force before its uses are written",
    file: "apply-report.ts",
    find: "  const written = await writeUses(deps.usage, fresh, writing);\n  const next = withInForce(state, report);",
    replace:
      "  const early = withInForce(state, report);\n  await deps.states.putState(early);\n  const written = await writeUses(deps.usage, fresh, writing);\n  const next = { ...early, version: early.version + 1 };",
    ...INTERLEAVINGS,
  },
  {
    name: "what ends is ended before the report is in force",
    file: "apply-report.ts",
    find: "  const enforced = left.length === 0",
    replace:
      "  await settleUses(deps.usage, left, settling(report, next, understood.uses));\n  const enforced = left.length === 0",
    ...INTERLEAVINGS,
  },
  {
    name: "a use is narrowed before the report is in force",
    file: "write-uses.ts",
    find: "const going = previous?.endedAt === undefined ? previous : undefined;",
    replace: "const going = undefined as UsageRecord | undefined;",
    ...INTERLEAVINGS,
  },
  {
    name: "the state does not note whose uses are being written",
    file: "apply-report.ts",
    find: "const state = fresh.length > 0 ? withWriting(before, sequence) : before;",
    replace: "const state = fresh.length > 1e9 ? withWriting(before, sequence) : before;",
    ...INTERLEAVINGS,
  },
  {
    name: "of what two reports said differently, the first alone is taken back",
    file: "past-reports.ts",
    find: "for (const use of unlike(said, uses)) left.set(useName(use), use);\n  }\n  return [...left.values()];",
    replace:
      "for (const [name, use] of said) if (!left.has(name)) left.set(useName(use) && name, use);\n  }\n  return unlike(left, uses);",
    ...INTERLEAVINGS,
  },
  {
    name: "a report that was overtaken leaves behind what it had begun",
    file: "apply-report.ts",
    find: "const left = unlike(understood.uses, inForce);",
    replace: "const left = unlike(new Map(), inForce);",
    ...INTERLEAVINGS,
  },
  {
    name: "a report that comes again does not do what is left",
    file: "apply-report.ts",
    find: "if (state.settled === state.sequence) return",
    replace: "if (state.settled <= state.sequence) return",
    ...INTERLEAVINGS,
  },
  {
    name: "an older report comes in force after a newer one",
    file: "apply-report.ts",
    find: "if (snapshot.sequence < state.sequence) return overtaken(report, state);",
    replace: "",
    ...INTERLEAVINGS,
  },
];

export const MUTANTS: readonly Mutant[] = [...READING, ...BELIEVING, ...DOUBTING, ...RELATING, ...APPLYING];
