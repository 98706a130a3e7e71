import fc from "fast-check";
import { expect, test } from "vitest";
import { keptAnswers } from "./kept-answers.ts";

test("answers the same question once", () => {
  const asked: string[] = [];
  const answer = keptAnswers(10, (key) => {
    asked.push(key);
    return { key };
  });
  expect(answer("a")).toBe(answer("a"));
  expect(answer("b")).toEqual({ key: "b" });
  expect(asked).toEqual(["a", "b"]);
});

test("asks again where there was no answer", () => {
  let known: string | undefined;
  const answer = keptAnswers(10, () => known);
  expect(answer("a")).toBeUndefined();
  expect(answer.size()).toBe(0);
  known = "now";
  expect(answer("a")).toBe("now");
});

test("gives every key its own answer and never holds more than its limit, whatever is asked in whatever order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.string({ maxLength: 2 })), (limit, keys) => {
      const answer = keptAnswers(limit, (key) => `answer to ${key}`);
      for (const key of keys) {
        expect(answer(key)).toBe(`answer to ${key}`);
        expect(answer.size()).toBeLessThanOrEqual(limit);
      }
    }),
  );
});
