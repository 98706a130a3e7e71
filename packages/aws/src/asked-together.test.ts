import fc from "fast-check";
import { expect, test } from "vitest";
import { askedTogether } from "./asked-together.ts";

type Question = { readonly group: string; readonly name: string };

const A = { group: "web", name: "1.4.2" };
const B = { group: "web", name: "latest" };
const OTHER = { group: "api", name: "latest" };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Answers "value of NAME" where `known`; `asked`: the names of each asking. */
function setUp(known: (question: Question) => boolean) {
  const asked: string[][] = [];
  const failing = { groups: new Set<string>() };
  const ask = askedTogether<Question, string>({
    groupOf: ({ group }) => group,
    nameOf: ({ name }) => name,
    async ask(questions) {
      asked.push(questions.map(({ group, name }) => `${group} ${name}`));
      if (questions.some(({ group }) => failing.groups.has(group))) throw new Error("throttled");
      // In no order, and what is absent is left out.
      return new Map(
        questions
          .filter(known)
          .toReversed()
          .map(({ group, name }) => [name, `${name} of ${group}`]),
      );
    },
  });
  return { ask, asked, failing };
}

test("what is asked in one turn of the event loop is asked together, each question once", async () => {
  const { ask, asked } = setUp((question) => question !== B);
  const answers = [ask(A), ask(B), Promise.resolve().then(() => ask(A))];
  expect(await Promise.all(answers)).toEqual(["1.4.2 of web", undefined, "1.4.2 of web"]);
  expect(asked).toEqual([["web 1.4.2", "web latest"]]);
});

test("groups are asked apart, and one that fails does not fail the other", async () => {
  const { ask, asked, failing } = setUp(() => true);
  failing.groups.add("web");
  const outcomes = await Promise.allSettled([ask(A), ask(OTHER), ask(B)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
  failing.groups.clear();
  expect(await ask(A)).toBe("1.4.2 of web");
  expect(asked).toEqual([["web 1.4.2", "web latest"], ["api latest"], ["web 1.4.2"]]);
});

test("an answer that is still on its way fails by itself", async () => {
  const ask = askedTogether<Question, string>({
    groupOf: ({ group }) => group,
    nameOf: ({ name }) => name,
    ask: async (questions) =>
      new Map(
        questions.map(({ name }) => [
          name,
          name === A.name ? Promise.reject(new Error("no")) : turn().then(() => name),
        ]),
      ),
  });
  const outcomes = await Promise.allSettled([ask(A), ask(B)]);
  expect(outcomes).toMatchObject([{ status: "rejected" }, { status: "fulfilled", value: "latest" }]);
});

test("what is asked after the asking has begun is asked again: an answer is never older than its question", async () => {
  let value = "before";
  const finishes: Array<() => void> = [];
  const ask = askedTogether<Question, string>({
    groupOf: ({ group }) => group,
    nameOf: ({ name }) => name,
    async ask([question]) {
      const seen = value;
      await new Promise<void>((resolve) => finishes.push(resolve));
      return new Map([[question?.name ?? "", seen]]);
    },
  });
  const first = ask(A);
  await turn();
  value = "after";
  const second = ask(A);
  await turn();
  expect(finishes).toHaveLength(2);
  for (const finish of finishes) finish();
  expect([await first, await second]).toEqual(["before", "after"]);
});

test("gives every question its own answer, whatever is asked when", async () => {
  const text = fc.constantFrom("", "#", "a", "ab", "b");
  const question = fc.record({ group: text, name: text });
  await fc.assert(
    fc.asyncProperty(
      fc.func(fc.boolean()),
      fc.array(fc.array(question, { minLength: 1 }), { minLength: 1 }),
      async (isKnown, turns) => {
        const known = ({ group, name }: Question) => isKnown(group, name);
        const { ask, asked } = setUp(known);
        for (const questions of turns) {
          const before = asked.length;
          const answers = await Promise.all(questions.map((it) => ask(it)));
          expect(answers).toEqual(
            questions.map((it) => (known(it) ? `${it.name} of ${it.group}` : undefined)),
          );
          expect(asked.length - before).toBe(new Set(questions.map(({ group }) => group)).size);
        }
      },
    ),
  );
});
