import { expect, test } from "vitest";
import { suspectReason } from "./suspect.ts";

const names = (from: number, to: number) =>
  new Set(Array.from({ length: to - from }, (_, i) => `${from + i}`));

test.each([
  { name: "the same", previous: names(0, 100), next: names(0, 100), suspect: false },
  { name: "more", previous: names(0, 100), next: names(0, 200), suspect: false },
  { name: "nothing after nothing", previous: names(0, 0), next: names(0, 0), suspect: false },
  { name: "something after nothing", previous: names(0, 0), next: names(0, 9), suspect: false },
  { name: "nothing after one", previous: names(0, 1), next: names(0, 0), suspect: true },
  { name: "nothing after many", previous: names(0, 100), next: names(0, 0), suspect: true },
  { name: "five of six missing", previous: names(0, 6), next: names(5, 6), suspect: false },
  { name: "six of seven missing", previous: names(0, 7), next: names(6, 7), suspect: true },
  { name: "a fifth missing", previous: names(0, 100), next: names(20, 100), suspect: false },
  { name: "more than a fifth missing", previous: names(0, 100), next: names(21, 100), suspect: true },
  { name: "six of 30, a fifth", previous: names(0, 30), next: names(6, 30), suspect: false },
  { name: "six of 29, more than a fifth", previous: names(0, 29), next: names(6, 29), suspect: true },
  { name: "as many, but others", previous: names(0, 10), next: names(10, 20), suspect: true },
])("$name is suspect: $suspect", ({ previous, next, suspect }) => {
  expect(suspectReason(previous, next) !== undefined).toBe(suspect);
});

test("says how many are missing, and of how many", () => {
  expect(suspectReason(names(0, 10), names(8, 10))).toEqual({
    missing: 8,
    reason: "it lacks 8 of the 10 images and tags that the report in force names",
  });
  expect(suspectReason(names(0, 1), names(0, 0))?.reason).toBe(
    "it names nothing; the report in force names 1 image or tag",
  );
});
