import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
// No specifier has spaces or `$`: a sentence that ends with "from" is no import.
const IMPORT = /(?:from|import)\s*\(?\s*["']([^"'\s$]+)["']/g;

type SourceFile = { readonly path: string; readonly imports: readonly string[]; readonly text: string };

function sources(): readonly SourceFile[] {
  return globSync(["packages/*/src/**/*.ts", "functions/**/*.ts"], { cwd: root })
    .filter((path) => !path.includes("node_modules"))
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, imports: [...text.matchAll(IMPORT)].map((match) => match[1] ?? "") };
    });
}

const files = sources();
const product = files.filter((file) => !file.path.endsWith(".test.ts"));

/** Where each part may import from; a part not named here fails the test. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "packages/domain": ["zod", "re2js", "@tallyman/domain"],
  "packages/aws": ["zod", "node:", "@aws-sdk/", "@smithy/", "@tallyman/domain", "@tallyman/aws"],
  "packages/observability": [
    "zod",
    "@middy/",
    "@aws-lambda-powertools/",
    "aws-lambda",
    "@tallyman/domain",
    "@tallyman/observability",
  ],
  "packages/registry": ["zod", "node:", "@tallyman/domain", "@tallyman/registry"],
  "packages/cloud": [
    "zod",
    "node:",
    "yaml",
    "croner",
    "dynalite",
    "tar-stream",
    "aws4fetch",
    "aws-lambda",
    "@tallyman/domain",
    "@tallyman/registry",
    "@tallyman/cloud",
  ],
  "packages/cli": [
    "zod",
    "node:",
    "yaml",
    "commander",
    "@aws-sdk/client-organizations",
    "@aws-sdk/credential-providers",
    "@aws-crypto/",
    "@smithy/",
    "@tallyman/domain",
    "@tallyman/aws",
    "@tallyman/cli",
  ],
  functions: [
    "zod",
    "node:",
    "@middy/",
    "@aws-lambda-powertools/",
    "aws-lambda",
    "hono",
    "@hono/",
    "@slack/",
    "@aws-sdk/",
    "@smithy/",
    "@tallyman/domain",
    "@tallyman/aws",
    "@tallyman/observability",
    "@tallyman/functions",
  ],
};

/** What helpers of tests (a folder `testing`) may import besides: clients of what they test, and vitest to wait with. */
const IN_TESTING = ["vitest", "@aws-sdk/"];

function mayImport({ path }: SourceFile, specifier: string): boolean {
  const allowed = [...(ALLOWED[partOf(path)] ?? []), ...(path.includes("/testing/") ? IN_TESTING : [])];
  return allowed.some((prefix) => specifier.startsWith(prefix));
}

function partOf(path: string): string {
  return path.startsWith("functions/") ? "functions" : path.split("/").slice(0, 2).join("/");
}

test("the architecture test looks at the whole source tree", () => {
  expect(product.length).toBeGreaterThan(100);
  expect(new Set(product.map((file) => partOf(file.path)))).toEqual(new Set(Object.keys(ALLOWED)));
});

test("every part imports only from where the map says it may", () => {
  const offences = product.flatMap((file) =>
    file.imports
      .filter((specifier) => !specifier.startsWith("."))
      .filter((specifier) => !mayImport(file, specifier))
      .map((specifier) => `${file.path} imports ${specifier}`),
  );
  expect(offences).toEqual([]);
});

test("only tests and their helpers import helpers of tests", () => {
  const offences = product
    .filter(({ path }) => !path.includes("/testing/"))
    .filter(({ imports }) => imports.some((specifier) => specifier.includes("/testing/")));
  expect(offences.map(({ path }) => path)).toEqual([]);
});

test("no relative import leaves its package", () => {
  const offences = product.flatMap((file) =>
    file.imports
      .filter((specifier) => specifier.startsWith("."))
      .filter((specifier) => {
        const target = relative(root, join(root, dirname(file.path), specifier));
        return partOf(target) !== partOf(file.path);
      })
      .map((specifier) => `${file.path} imports ${specifier}`),
  );
  expect(offences).toEqual([]);
});

test("handlers and schemas know no SDK: only main.ts wires clients", () => {
  const offences = product
    .filter((file) => /^functions\/.*\/(handler|schema)\.ts$/.test(file.path))
    .filter((file) =>
      file.imports.some(
        (specifier) => specifier.startsWith("@aws-sdk/") || specifier.startsWith("@tallyman/aws/"),
      ),
    )
    .map((file) => file.path);
  expect(offences).toEqual([]);
});

test("permission lists import no SDK, so that stacks can read them", () => {
  const lists = product.filter((file) => file.path.endsWith("permissions.ts"));
  expect(lists.length).toBeGreaterThan(5);
  const offences = lists.filter((file) =>
    file.imports.some((specifier) => specifier.startsWith("@aws-sdk/")),
  );
  expect(offences.map((file) => file.path)).toEqual([]);
});

test("the domain reads no clock and draws no random numbers", () => {
  const ambient = /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|crypto\./;
  const offences = product
    .filter((file) => file.path.startsWith("packages/domain/"))
    .filter((file) => ambient.test(file.text))
    .map((file) => file.path);
  expect(offences).toEqual([]);
});

test("zod is imported as a namespace everywhere, so that bundles leave its locales out", () => {
  const offences = product
    .filter((file) =>
      /import\s+\{[^}]*\}\s+from\s+["'](?:zod|@tallyman\/domain\/zod|\.\.\/zod\.ts)["']/.test(file.text),
    )
    .map((file) => file.path);
  expect(offences).toEqual([]);
});

// Whose schemas no function loads, or describe the API in OpenAPI, which takes the large form only.
const LARGE_ZOD =
  /^packages\/(?:registry|cloud|cli)\/|^packages\/domain\/src\/(?:iam-policy|lifecycle-policy)\/|^functions\/api\//;

test("what functions load uses zod's small form, from the one place that gives it a language", () => {
  const offences = product
    .filter(({ path }) => path !== "packages/domain/src/zod.ts" && !LARGE_ZOD.test(path))
    .filter(({ imports }) => imports.some((specifier) => /^zod(?:\/|$)/.test(specifier)))
    .map(({ path }) => path);
  expect(offences).toEqual([]);
});

test("imports between files have no cycles", () => {
  expect(findCycles(product)).toEqual([]);
});

function findCycles(all: readonly SourceFile[]): readonly string[] {
  const edges = new Map(all.map((file) => [file.path, targetsOf(file)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    if (done.has(path) || trail.includes(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

/** Type-only imports vanish at run time and may point back. */
function targetsOf(file: SourceFile): readonly string[] {
  const runtime = file.text.replace(/import type [^;]+;/g, "");
  return [...runtime.matchAll(IMPORT)].flatMap((match) => {
    const specifier = match[1] ?? "";
    if (specifier.startsWith(".")) return [relative(root, join(root, dirname(file.path), specifier))];
    const own = /^@tallyman\/([^/]+)\/(.+)$/.exec(specifier);
    if (own === null) return [];
    return [own[1] === "functions" ? `functions/${own[2]}.ts` : `packages/${own[1]}/src/${own[2]}.ts`];
  });
}
