import type { Figure } from "../figure.ts";
import { type Bill, billsOf, dearestCounts, type PushCost, total } from "./monthly-bill.ts";
import type { ScalePoint } from "./run-scale.ts";

/** USD for a million images, line by line: what comes once, what comes every month and its sum; last, what counts cost instead at most. */
export function costFigures(point: ScalePoint, push: PushCost): readonly Figure[] {
  const { once, monthly } = billsOf(point, push);
  const sum = monthly.reduce((all, bill) => all + total(bill), 0);
  return [
    billFigure(once),
    ...monthly.map(billFigure),
    { what: "a million images, USD: a month", value: sum, unit: "USD", note: "all but what comes once" },
    billFigure(dearestCounts(point)),
  ];
}

function billFigure(bill: Bill): Figure {
  const parts = (["dynamodb", "lambda", "s3", "sqs", "eventbridge"] as const)
    .filter((service) => bill[service] > 0)
    .map((service) => `${service} ${bill[service].toFixed(2)}`);
  return {
    what: `a million images, USD: ${bill.what}`,
    value: Math.round(total(bill) * 100) / 100,
    unit: "USD",
    note: parts.join(", "),
  };
}
