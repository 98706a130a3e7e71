import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { DEFAULT_SWITCHES, SwitchBoard, Switches } from "./switches.ts";

describe("switches", () => {
  test("stand in SWITCHES.md, each with its values and its item: no more and no fewer, in their order", () => {
    const page = readFileSync(join(import.meta.dirname, "../../SWITCHES.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\| (.+?) +\| ([A-Z]\d+|\d(?:\.\d)?): /gm)];
    const listed = rows.map(([, name, standard, others]) => [name, standard, othersIn(others ?? "")]);
    const known = Object.entries(Switches.shape).map(([name, schema]) => {
      const standard = String(DEFAULT_SWITCHES[name as keyof Switches]);
      const values = valuesOf(schema.unwrap()).filter((value) => value !== standard);
      return [name, standard, values.toSorted()];
    });
    expect(known.length).toBeGreaterThan(15);
    expect(listed).toEqual(known);
  });

  test("are set one by one and come back as they were opened", () => {
    const board = new SwitchBoard({ untagEvents: false });
    board.set({ deletionOrder: "parentsFirst" });
    board.set({ repushEvents: true });
    expect(board.current).toEqual({
      ...DEFAULT_SWITCHES,
      untagEvents: false,
      deletionOrder: "parentsFirst",
      repushEvents: true,
    });
    board.restore();
    expect(board.current).toEqual({ ...DEFAULT_SWITCHES, untagEvents: false });
  });

  test.each([{ unknown: true }, { untagEvents: "no" }, { deletionOrder: "children" }])(
    "refuse %j",
    (changes) => {
      const board = new SwitchBoard();
      expect(() => board.set(changes)).toThrow();
      expect(board.current).toEqual(DEFAULT_SWITCHES);
    },
  );
});

function valuesOf(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodEnum ? schema.options.map(String) : ["false", "true"];
}

function othersIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, value]) => String(value)).toSorted();
}
