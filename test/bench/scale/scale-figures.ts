import type { Figure } from "../figure.ts";
import { countOf, type Spent } from "./meter.ts";
import type { ScalePoint } from "./run-scale.ts";

/** MB of resident memory that one worker may need. */
const MEMORY_GOAL = 512;
/** Four times as many images may take so much more for each; 1 is linear to the letter, 4 quadratic. */
const TIME_GOAL = 1.25;
/** Pages of the table end at a megabyte, so that longer names may make one more here and there. */
const REQUESTS_GOAL = 1.001;

const REQUESTS = ["ecr:", "dynamodb:", "s3:"];

/** What must hold at one size, exactly, and what it took. */
export function pointFigures(where: string, point: ScalePoint): readonly Figure[] {
  const { images, repositories, pages, first, second } = point;
  const at = `${where}, ${images.toLocaleString("en-US")}`;
  const others = countOf(second, "item:") - countOf(second, "item:summary");
  return [
    looks(`${at}, first run: DescribeImages`, first, pages),
    looks(`${at}, second run: DescribeImages`, second, pages),
    {
      what: `${at}, second run: summaries written`,
      value: countOf(second, "item:summary"),
      unit: "",
      exactly: repositories,
      note: `${repositories.toLocaleString("en-US")} repositories`,
    },
    { what: `${at}, second run: other items`, value: others, unit: "", exactly: 0 },
    took(`${at}, first run: time`, first, images),
    took(`${at}, second run: time`, second, images),
    ...(point.totals.milliseconds > 0 ? [took(`${at}, totals: time`, point.totals, images)] : []),
  ];
}

function looks(what: string, spent: Spent, pages: number): Figure {
  const value = countOf(spent, "ecr:DescribeImages");
  return { what, value, unit: "", exactly: pages, note: "the sum of max(1, ceil(n / 1000))" };
}

function took(what: string, { processor, milliseconds, counts }: Spent, images: number): Figure {
  const calls = REQUESTS.map((prefix) => `${prefix}${countOf({ counts }, prefix).toLocaleString("en-US")}`);
  const units = `${counts["units:write"] ?? 0} write units, ${counts["units:read"] ?? 0} read units`;
  const elapsed = `${(milliseconds / 1000).toFixed(1)} s elapsed`;
  return {
    what,
    value: (processor * 1000) / images,
    unit: "us/image",
    note: `processor time; ${elapsed}; ${calls.join(" ")}; ${units}`,
  };
}

/** The largest size beside the smallest. */
export function growthFigures(where: string, points: readonly ScalePoint[]): readonly Figure[] {
  const [small, large] = [points[0], points.at(-1)];
  if (!small || !large) return [];
  return (["first", "second"] as const).flatMap((run) => {
    const per = (measure: (spent: Spent) => number) =>
      measure(large[run]) / large.images / (measure(small[run]) / small.images);
    const what = `${where}, x ${large.images / small.images}, ${run} run`;
    const requests = per((spent) => countOf(spent, ...REQUESTS));
    return [
      { what: `${what}: requests for an image`, value: requests, unit: "times", goal: REQUESTS_GOAL },
      {
        what: `${what}: processor time for an image`,
        value: per(({ processor }) => processor),
        unit: "times",
        goal: TIME_GOAL,
      },
      { what: `${what}: elapsed for an image`, value: per((spent) => spent.milliseconds), unit: "times" },
    ];
  });
}

export function memoryFigures(where: string, points: readonly ScalePoint[]): readonly Figure[] {
  return points.flatMap(({ images, peak }) => {
    const at = `${where}, ${images.toLocaleString("en-US")}`;
    const figure = (what: string, value: number) => ({
      what: `${at}: ${what}`,
      value,
      unit: "MB",
      goal: MEMORY_GOAL,
      note: "most resident memory of the worker",
    });
    const whole = figure("memory", peak.repositories);
    return peak.totals > 0 ? [whole, figure("memory, totals", peak.totals)] : [whole];
  });
}
