import fc from "fast-check";
import { expect, test } from "vitest";
import { type CursorScope, InvalidCursorError, openCursor, sealCursor } from "./cursor.ts";

const key = new Uint8Array(32).fill(7);
const text = fc.string({ unit: "binary", maxLength: 40 }).filter((it) => it.isWellFormed());
const scopes: fc.Arbitrary<CursorScope> = fc.record({
  operation: text,
  filters: fc.dictionary(fc.constantFrom("account", "region", "tag"), text, { noNullPrototype: true }),
  principal: text,
});

test("a cursor opens under its own scope, whatever the position", () => {
  fc.assert(
    fc.property(scopes, text, (scope, next) => {
      expect(openCursor(key, scope, sealCursor(key, scope, next))).toBe(next);
    }),
  );
});

test("any change of any character is refused", () => {
  const characters = fc.constantFrom(..."ABYZabyz0189-_.=+/ \n");
  fc.assert(
    fc.property(scopes, text, fc.nat(), characters, (scope, next, at, character) => {
      const cursor = sealCursor(key, scope, next);
      const index = at % cursor.length;
      const changed = cursor.slice(0, index) + character + cursor.slice(index + 1);
      fc.pre(changed !== cursor);
      expect(() => openCursor(key, scope, changed)).toThrow(InvalidCursorError);
    }),
    { numRuns: 500 },
  );
});

test("a cut or prolonged cursor is refused", () => {
  fc.assert(
    fc.property(scopes, text, fc.nat(), fc.constantFrom("", "A", "=", "."), (scope, next, at, tail) => {
      const cursor = sealCursor(key, scope, next);
      const changed = cursor.slice(0, at % (cursor.length + 1)) + tail;
      fc.pre(changed !== cursor);
      expect(() => openCursor(key, scope, changed)).toThrow(InvalidCursorError);
    }),
  );
});

test("a cursor is refused under any other scope", () => {
  fc.assert(
    fc.property(scopes, scopes, text, (scope, other, next) => {
      fc.pre(JSON.stringify(sorted(scope)) !== JSON.stringify(sorted(other)));
      expect(() => openCursor(key, other, sealCursor(key, scope, next))).toThrow(InvalidCursorError);
    }),
  );
});

test("a cursor is refused under another key", () => {
  const scope = { operation: "listImages", filters: {}, principal: "jane" };
  const cursor = sealCursor(new Uint8Array(32).fill(8), scope, "5");
  expect(() => openCursor(key, scope, cursor)).toThrow(InvalidCursorError);
});

test("filters count by value, not by order, and an absent one is no filter", () => {
  const scope = (filters: CursorScope["filters"]) => ({
    operation: "listImages",
    filters,
    principal: "jane",
  });
  const cursor = sealCursor(key, scope({ account: "1", tag: undefined, region: "2" }), "5");
  expect(openCursor(key, scope({ region: "2", account: "1" }), cursor)).toBe("5");
});

test.each(["", ".", "..", "abc", "abc.", ".abc", "%", "a".repeat(5000)])("%j is refused", (cursor) => {
  const scope = { operation: "listImages", filters: {}, principal: "jane" };
  expect(() => openCursor(key, scope, cursor)).toThrow(InvalidCursorError);
});

function sorted(scope: CursorScope): unknown {
  return [scope.operation, Object.entries(scope.filters).toSorted(), scope.principal];
}
