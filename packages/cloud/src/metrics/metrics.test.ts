import { MetricUnit, Metrics as Powertools } from "@aws-lambda-powertools/metrics";
import { describe, expect, test } from "vitest";
import { createMetrics, metricsSince } from "./metrics.ts";

/** The line that the real library writes. */
function lineOf(use: (metrics: Powertools) => void): string {
  const metrics = new Powertools({ namespace: "App", serviceName: "api" });
  use(metrics);
  return JSON.stringify(metrics.serializeMetrics());
}

describe("metrics", () => {
  test("add up what Powertools writes, by name and by dimension", () => {
    const metrics = createMetrics();
    for (const repository of ["a", "b", "b"]) {
      const line = lineOf((powertools) => {
        powertools.addDimension("repository", repository);
        powertools.addMetric("Pushes", MetricUnit.Count, 2);
        powertools.addMetric("Pushes", MetricUnit.Count, 3);
        powertools.addMetric("Delay", MetricUnit.Milliseconds, 0.5);
      });
      metrics.read(line);
    }
    expect(metrics.sum("App", "Pushes")).toBe(15);
    expect(metrics.count("App", "Pushes")).toBe(6);
    expect(metrics.sum("App", "Pushes", { repository: "b" })).toBe(10);
    expect(metrics.sum("App", "Pushes", { repository: "b", service: "other" })).toBe(0);
    expect(metrics.totals()).toEqual([
      { namespace: "App", name: "Pushes", sum: 15, count: 6 },
      { namespace: "App", name: "Delay", sum: 1.5, count: 3 },
    ]);
    expect(metrics.readings()).toContainEqual({
      namespace: "App",
      name: "Pushes",
      dimensions: { repository: "b", service: "api" },
      sum: 10,
      count: 4,
    });
    metrics.clear();
    expect(metrics.sum("App", "Pushes")).toBe(0);
  });

  test("tell what was counted between two looks, and nothing of what was not", () => {
    const metrics = createMetrics();
    const count = (repository: string, value: number) =>
      metrics.read(
        lineOf((powertools) => {
          powertools.addDimension("repository", repository);
          powertools.addMetric("Pushes", MetricUnit.Count, value);
        }),
      );
    count("a", 2);
    count("b", 3);
    const before = metrics.readings();
    expect(metricsSince(before, metrics.readings())).toEqual([]);
    count("b", 5);
    count("c", 0);
    expect(metricsSince(before, metrics.readings())).toMatchObject([
      { dimensions: { repository: "b" }, sum: 5, count: 1 },
      { dimensions: { repository: "c" }, sum: 0, count: 1 },
    ]);
  });

  test.each([
    ["text", "CloudWatchMetrics"],
    ["another JSON line", '{"level":"INFO","message":"\\"CloudWatchMetrics\\""}'],
    ["half a line", '{"_aws":{"CloudWatchMetrics":[{"Namespace":"App"'],
    [
      "a metric without its value",
      '{"_aws":{"CloudWatchMetrics":[{"Namespace":"App","Metrics":[{"Name":"Pushes"}]}]}}',
    ],
    [
      "a value that is no number",
      '{"_aws":{"CloudWatchMetrics":[{"Namespace":"App","Metrics":[{"Name":"Pushes"}]}]},"Pushes":"2"}',
    ],
  ])("pass over %s", (_, line) => {
    const metrics = createMetrics();
    metrics.read(line);
    expect(metrics.totals()).toEqual([]);
  });
});
