import { describe, expect, test } from "vitest";
import { expandUnits, UnresolvedRegistriesError } from "./expand-units.ts";
import { RegistriesFile, ResolvedFile } from "./registries-file.ts";
import { registryName } from "./registry.ts";

const ROOT = "r-ab12";
const PROD = "ou-ab12-prod1111";
const EAST = "us-east-1";

function file(more: Readonly<Record<string, unknown>> = {}): RegistriesFile {
  return RegistriesFile.parse({
    hub: "111122223333/us-east-1",
    registries: ["111122223333/us-east-1"],
    externalId: { fromEnvironment: "TALLYMAN_EXTERNAL_ID" },
    ...more,
  });
}

function resolved(units: Readonly<Record<string, readonly string[]>>): ResolvedFile {
  const list = Object.entries(units).map(([id, ids]) => ({
    id,
    accounts: ids.map((account) => ({ id: account, name: `account ${account}` })),
  }));
  return ResolvedFile.parse({ units: list });
}

const names = (registries: ReturnType<typeof expandUnits>) => registries.map(registryName);

describe("the declared registries", () => {
  test("are those that are named, where no unit is", () => {
    expect(names(expandUnits(file(), undefined))).toEqual(["111122223333/us-east-1"]);
  });

  test("are those that are named, then those of the units in the order of their Regions, each once", () => {
    const organizationUnits = [
      { id: PROD, regions: ["us-west-2", EAST] },
      { id: ROOT, regions: [EAST] },
    ];
    const units = resolved({
      [PROD]: ["222233334444", "444455556666"],
      [ROOT]: ["111122223333", "444455556666"],
    });
    expect(names(expandUnits(file({ organizationUnits }), units))).toEqual([
      "111122223333/us-east-1",
      "222233334444/us-west-2",
      "222233334444/us-east-1",
      "444455556666/us-west-2",
      "444455556666/us-east-1",
    ]);
  });

  test("leave out the accounts that a unit excepts, in that unit alone", () => {
    const except = ["222233334444"];
    const organizationUnits = [
      { id: PROD, regions: [EAST], except },
      { id: ROOT, regions: ["eu-west-1"] },
    ];
    const units = resolved({ [PROD]: ["222233334444", "444455556666"], [ROOT]: ["222233334444"] });
    expect(names(expandUnits(file({ organizationUnits }), units))).toEqual([
      "111122223333/us-east-1",
      "444455556666/us-east-1",
      "222233334444/eu-west-1",
    ]);
  });

  test("may have the hub's among those of a unit", () => {
    const declared = file({ registries: [], organizationUnits: [{ id: ROOT, regions: [EAST] }] });
    expect(names(expandUnits(declared, resolved({ [ROOT]: ["111122223333"] })))).toEqual([
      "111122223333/us-east-1",
    ]);
  });

  const unit = { organizationUnits: [{ id: PROD, regions: [EAST] }] };
  test.each<[string, RegistriesFile, ResolvedFile | undefined, RegExp]>([
    ["nothing was resolved", file(unit), undefined, /there is no tallyman\.registries\.resolved\.yaml/],
    [
      "another unit was resolved",
      file(unit),
      resolved({ [ROOT]: [] }),
      /prod1111 is not in it, r-ab12 is in it alone/,
    ],
    ["a unit was taken out", file(), resolved({ [PROD]: [] }), /ou-ab12-prod1111 is in it alone/],
  ])("cannot be told when %s: the message says what to run", (_, declared, found, message) => {
    const expand = () => expandUnits(declared, found);
    expect(expand).toThrow(UnresolvedRegistriesError);
    expect(expand).toThrow(message);
    expect(expand).toThrow(/Run "tallyman registries resolve"/);
  });

  test("without the hub's are refused", () => {
    const declared = file({ ...unit, registries: [] });
    expect(() => expandUnits(declared, resolved({ [PROD]: ["222233334444"] }))).toThrow(
      /The hub 111122223333\/us-east-1 is not among registries/,
    );
  });
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ["a unit without Regions", { organizationUnits: [{ id: PROD, regions: [] }] }, /regions/],
  ["a Region twice", { organizationUnits: [{ id: PROD, regions: [EAST, EAST] }] }, /a Region stands twice/],
  [
    "a unit twice",
    {
      organizationUnits: [
        { id: PROD, regions: [EAST] },
        { id: PROD, regions: ["us-west-2"] },
      ],
    },
    /ou-ab12-prod1111 stands twice/,
  ],
  ["an id that is none", { organizationUnits: [{ id: "ou-1", regions: [EAST] }] }, /organisation unit/],
  [
    "an account without quotes",
    { organizationUnits: [{ id: PROD, regions: [EAST], except: [444455556666] }] },
    /in quotes/,
  ],
  ["an unknown key", { organizationUnits: [{ id: PROD, regions: [EAST], exept: [] }] }, /exept/],
])("a registries file with %s is refused", (_, more, message) => {
  expect(() => file(more)).toThrow(message);
});
