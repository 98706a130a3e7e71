import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBytes, formatMediaType, formatTime } from "./format.ts";
import { printable, printableJson } from "./sanitize.ts";
import { tableLines } from "./table.ts";
import { terminal } from "./terminal.ts";

const same = (text: string) => text;

test("text of others stays on one line and carries no character that a terminal obeys or hides", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (hostile) => {
      expect(printable(hostile)).not.toMatch(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u);
    }),
  );
});

test("printable JSON says exactly the same and is safe to print", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (value) => {
      const json = printableJson(value);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(json).not.toMatch(/\p{Cc}(?<!\n)|[\u200b-\u200f\u2028-\u202e\u{e0000}-\u{e007f}]/u);
    }),
  );
});

test.each([
  ["\u001b[31mred", "\\u{1b}[31mred"],
  ["a\nb", "a\\u{a}b"],
  ["gnp.\u202eexe", "gnp.\\u{202e}exe"],
  ["tag\u{e0041}", "tag\\u{e0041}"],
  ["größe 日本", "größe 日本"],
])("%j prints as %j", (text, printed) => {
  expect(printable(text)).toBe(printed);
});

test("columns line up, numbers to the right, and the last one is not padded", () => {
  const columns = [
    { title: "NAME", value: (it: { name: string; n: number }) => it.name },
    { title: "N", value: (it: { name: string; n: number }) => `${it.n}`, align: "right" as const },
    { title: "LAST", value: (it: { name: string; n: number }) => it.name },
  ];
  const rows = [
    { name: "a", n: 100 },
    { name: "longer", n: 1 },
  ];
  expect(tableLines(columns, rows, same)).toEqual([
    "NAME      N  LAST",
    "a       100  a",
    "longer    1  longer",
  ]);
});

test("colours take no width", () => {
  const red = (text: string) => `<${text}>`;
  const columns = [
    { title: "A", value: (it: string) => it, style: () => red },
    { title: "B", value: () => "x" },
  ];
  expect(tableLines(columns, ["1", "333"], same)).toEqual(["A    B", "<1  >  x", "<333>  x"]);
});

test.each([
  [undefined, "-"],
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [1_048_576, "1.0 MB"],
  [5e15, "5.0 PB"],
  [5e18, "5000.0 PB"],
])("%s bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  ["application/vnd.oci.image.index.v1+json", "oci index"],
  ["application/vnd.oci.image.manifest.v1+json", "oci image"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "docker index"],
  ["application/vnd.docker.distribution.manifest.v2+json", "docker image"],
  ["text/plain", "text/plain"],
  [undefined, "-"],
])("%s is shown as %s", (mediaType, text) => {
  expect(formatMediaType(mediaType)).toBe(text);
});

test("a time that is none is shown as it came", () => {
  expect(formatTime("2026-11-21T12:00:00.123Z")).toBe("2026-11-21 12:00:00Z");
  expect(formatTime("yesterday")).toBe("yesterday");
});

/** Keeps what was written; `isTTY` makes it look like a terminal. */
class Kept extends Writable {
  readonly isTTY: boolean;
  text = "";

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: unknown, _: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

test("progress overwrites itself on a terminal, and is silent elsewhere", () => {
  const [out, screen, file] = [new Kept(false), new Kept(true), new Kept(false)];
  const shown = terminal(out, screen);
  shown.progress("100 images ...");
  shown.progress("200 images ...");
  shown.line("done");
  expect(screen.text).toBe("\r\u001b[K100 images ...\r\u001b[K200 images ...\r\u001b[K");
  expect(out.text).toBe("done\n");
  terminal(out, file).progress("100 images ...");
  expect(file.text).toBe("");
});
