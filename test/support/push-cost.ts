import type { Embedded } from "./embedded.ts";

/** What functions asked of AWS and wrote while something happened; exact, counted at the wire. */
export type Cost = {
  /** Items that image-action put, updated or deleted. */
  readonly itemWrites: number;
  /** DynamoDB capacity that image-action consumed, indexes included. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Calls by operation and who made them: `ecr:DescribeImages tallyman-reader`. The API's own are left out. */
  readonly calls: Readonly<Record<string, number>>;
};

type Principals = Readonly<
  Record<string, { readonly itemWrites: number; readonly write: number; readonly read: number }>
>;
type Wire = Readonly<Record<string, Readonly<Record<string, number>>>>;

const FUNCTION = "tallyman-image-action";
/** Who makes calls on behalf of an event; the test's own principals and the API are not among them. */
const ROLES = /^tallyman-(?!api$)/;

/** The cost of what `act` leads to, once everything has come to rest. Nothing else may happen meanwhile. */
export async function costOf(product: Embedded, act: () => Promise<unknown>): Promise<Cost> {
  await product.atRest();
  const before = await counts(product);
  await act();
  await product.atRest();
  const after = await counts(product);
  const spent = (what: "itemWrites" | "write" | "read") => after.units[what] - before.units[what];
  return {
    itemWrites: spent("itemWrites"),
    writeUnits: spent("write"),
    readUnits: spent("read"),
    calls: difference(before.calls, after.calls),
  };
}

/** Reads of a registry, and of nothing else, among the calls. */
export function registryReads({ calls }: Cost): number {
  return sum(calls, (call) => call.startsWith("ecr:"));
}

/** Calls whose operation begins with `prefix` (`s3:`, `sqs:SendMessage`). */
export function callsOf({ calls }: Cost, prefix: string): number {
  return sum(calls, (call) => call.startsWith(prefix));
}

function sum(calls: Cost["calls"], chosen: (call: string) => boolean): number {
  return Object.entries(calls).reduce((total, [call, count]) => total + (chosen(call) ? count : 0), 0);
}

async function counts(product: Embedded) {
  const wire = (await product.control("GET", "wire")) as Wire;
  const { consumed } = await product.control("GET", "consumed");
  const tables = consumed as readonly { readonly principals: Principals }[];
  const units = { itemWrites: 0, write: 0, read: 0 };
  for (const { principals } of tables) {
    const mine = principals[FUNCTION];
    units.itemWrites += mine?.itemWrites ?? 0;
    units.write += mine?.write ?? 0;
    units.read += mine?.read ?? 0;
  }
  return { units, calls: callsByRole(wire) };
}

function callsByRole(wire: Wire): Readonly<Record<string, number>> {
  const entries = Object.entries(wire).flatMap(([operation, callers]) =>
    Object.entries(callers).flatMap(([role, count]) =>
      ROLES.test(role) ? [[`${operation} ${role}`, count] as const] : [],
    ),
  );
  return Object.fromEntries(entries);
}

function difference(before: Cost["calls"], after: Cost["calls"]): Cost["calls"] {
  const entries = Object.entries(after).map(([call, count]) => [call, count - (before[call] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
