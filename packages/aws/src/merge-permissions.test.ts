import { expect, test } from "vitest";
import { mergePermissions } from "./merge-permissions.ts";

test("actions on the same resource are granted together, once each", () => {
  expect(
    mergePermissions(
      [{ actions: ["dynamodb:PutItem", "dynamodb:GetItem"], on: "table" }],
      [{ actions: ["dynamodb:Query"], on: "table/gsi1" }],
      [{ actions: ["dynamodb:GetItem"], on: "table" }],
    ),
  ).toEqual([
    { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], on: "table" },
    { actions: ["dynamodb:Query"], on: "table/gsi1" },
  ]);
});

test("nothing merged is nothing granted", () => {
  expect(mergePermissions()).toEqual([]);
});
