import { type Figure, isMet } from "./figure.ts";
import { busyWarning, type Machine } from "./machine.ts";

export type Result = { readonly name: string; readonly title: string; readonly figures: readonly Figure[] };
export type Report = {
  readonly machine: Machine;
  readonly warning?: string;
  readonly results: readonly Result[];
};

export function reportOf(machine: Machine, results: readonly Result[]): Report {
  const warning = busyWarning(machine);
  return { machine, ...(warning !== undefined && { warning }), results };
}

/** The report as text for a terminal. */
export function render({ machine, warning, results }: Report): string {
  const { at, cpu, cores, memoryGb, system, node, load } = machine;
  const head = [
    `${at}  ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}`,
    `load before ${load.before}, after ${load.after}`,
    ...(warning === undefined ? [] : [`WARNING: ${warning}`]),
  ];
  return [...head, ...results.flatMap(renderResult)].join("\n");
}

function renderResult({ name, title, figures }: Result): readonly string[] {
  return ["", `${title} (--only ${name})`, ...figures.map(renderFigure)];
}

function renderFigure(figure: Figure): string {
  const { what, value, unit, goal, floor, exactly, note = "" } = figure;
  const met = isMet(figure);
  const verdict =
    met === undefined ? "" : `${met ? "ok" : "NOT MET"}, goal ${format(exactly ?? floor ?? goal ?? 0)}`;
  return `  ${what.padEnd(58)} ${`${format(value)} ${unit}`.padStart(16)}  ${verdict.padEnd(22)} ${note}`.trimEnd();
}

function format(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en-US") : value.toFixed(value < 10 ? 2 : 1);
}
