import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonDocument } from "./json-document.ts";

const read = (text: string) => parseJsonDocument(Buffer.from(text));

describe("a manifest's JSON", () => {
  test("is what JSON.parse says, whatever stands in its strings", () => {
    const strings = fc.string({ unit: fc.constantFrom('"', "\\", "{", "]", ":", "a") });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        strings,
        fc.integer(),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(strings, tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (json, indent) => {
        const text = JSON.stringify(json, null, indent);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['{"a":1,"a":1}', "'a'"],
    ['{"x":[{"a":{"a":1}},{"b":1,"c":{},"\\u0062":2}]}', "'b'"],
    ['{"a:\\"":"a:","a:\\"":1}', "'a:\"'"],
  ])("with a member twice is refused: %s", (text, name) => {
    expect(() => read(text)).toThrow(`${name} must not stand twice`);
  });

  test.each(['{"a":{"a":1},"b":["a","a"]}', '[{"a":1},{"a":1}]', '{"a":"b","b":"a"}'])(
    "may repeat a name elsewhere: %s",
    (text) => expect(read(text)).toEqual(JSON.parse(text)),
  );

  test("is not nested deeper than a hundred, whatever stands in its strings", () => {
    expect(read("[".repeat(100) + "]".repeat(100))).toBeDefined();
    expect(read(JSON.stringify(["[".repeat(200), '\\"[{'.repeat(200)]))).toBeDefined();
    for (const depth of [101, 2_000_000])
      expect(() => read(`["\\"]", ${"[".repeat(depth - 1)}${"]".repeat(depth)}`)).toThrow("nested deeper");
  });

  test("is refused at once when it is brackets alone", () => {
    const brackets = "[".repeat(4_000_000);
    const begun = process.cpuUsage();
    expect(() => read(brackets)).toThrow("nested deeper");
    // Microseconds of computing, however busy the machine is; JSON.parse takes many times as many.
    expect(process.cpuUsage(begun).user).toBeLessThan(300_000);
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["half of it", Buffer.from("{")],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["a byte order mark", Buffer.from("\ufeff{}")],
    ["four megabytes of quotes", Buffer.from('\\"'.repeat(2_000_000))],
  ])("with %s is refused in ECR's words", (_, bytes) => {
    expect(() => parseJsonDocument(bytes)).toThrow(
      "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
    );
  });
});
