import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { createClock } from "../clock/create-clock.ts";
import { type HttpServer, startHttpServer } from "../http/server.ts";
import { ControlError, type ControlHandlers, handleControl } from "./control.ts";
import { duration, setClock } from "./set-clock.ts";

describe("the control surface", () => {
  let server: HttpServer;
  let resets: number;
  const errors: unknown[] = [];

  beforeEach(async () => {
    resets = 0;
    const handlers: ControlHandlers = {
      "GET health": () => ({ status: "ok" }),
      "POST reset": () => {
        resets += 1;
        return { reset: true };
      },
      "POST run/*": ({ rest }) => ({ ran: rest }),
      "POST number": ({ body }) => z.strictObject({ n: z.number() }).parse(body),
      "GET gone": () => {
        throw new ControlError(404, "There is no such thing.");
      },
      "GET broken": () => {
        throw new Error("secret detail");
      },
    };
    server = await startHttpServer({
      port: 0,
      routes: [
        {
          matches: () => true,
          handle: (req, res) => handleControl(handlers, req, res, (error) => errors.push(error)),
        },
      ],
      onError: (error) => errors.push(error),
    });
  });
  afterEach(() => server.stop(0));

  /** Sends headers that `fetch` does not let one choose. */
  function send(method: string, path: string, headers: Record<string, string> = {}, body = "") {
    return new Promise<{ status: number; body: { message?: string } }>((resolve, reject) => {
      const req = request(`${server.url}/_embedded/${path}`, { method, headers }, (res) => {
        let text = "";
        res.on("data", (chunk) => {
          text += chunk;
        });
        res.on("end", () => resolve({ status: res.statusCode ?? 0, body: JSON.parse(text) }));
      });
      req.on("error", reject);
      req.end(body);
    });
  }
  const json = { "content-type": "application/json" };

  test("answers programs on this machine", async () => {
    expect(await send("GET", "health")).toEqual({ status: 200, body: { status: "ok" } });
    expect(await send("POST", "reset", json)).toMatchObject({ status: 200 });
    expect(await send("POST", "run/nightly%20job", json)).toEqual({
      status: 200,
      body: { ran: "nightly job" },
    });
    expect(resets).toBe(1);
  });

  test.each([
    ["another site's origin", { ...json, origin: "https://evil.example" }],
    ["an opaque origin", { ...json, origin: "null" }],
    ["another port's origin", { ...json, origin: "http://127.0.0.1:1" }],
    ["a name that points here", { ...json, host: "evil.example" }],
    ["a cross-site fetch", { ...json, "sec-fetch-site": "cross-site" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["a simple text request", { "content-type": "text/plain" }],
    ["no content type", {}],
  ])("refuses %s with a reason, and does nothing", async (_name, headers) => {
    const { status, body } = await send("POST", "reset", headers, "{}");
    expect(status).toBe(403);
    expect(body.message).toMatch(/^Refused: /);
    expect(resets).toBe(0);
  });

  test("says what is wrong with a body, and what there is", async () => {
    expect(await send("POST", "number", json, "{")).toMatchObject({ status: 400 });
    expect(await send("POST", "number", json, '{"n":1,"m":2}')).toMatchObject({ status: 400 });
    expect(await send("GET", "gone")).toMatchObject({
      status: 404,
      body: { message: "There is no such thing." },
    });
    const unknown = await send("GET", "nothing");
    expect(unknown.body.message).toContain("GET health");
  });

  test("keeps its own mistakes to itself", async () => {
    expect(await send("GET", "broken")).toEqual({ status: 500, body: { message: "Internal error" } });
    expect(errors).toHaveLength(1);
  });
});

describe("setting the clock", () => {
  test.each([
    ["P15D", 15 * 86_400_000],
    ["P2W", 14 * 86_400_000],
    ["PT1H30M", 5_400_000],
    ["PT1.5S", 1500],
    ["P1DT1S", 86_401_000],
    ["-P30D", -30 * 86_400_000],
  ])("reads %s", (text, milliseconds) => {
    expect(duration(text)).toBe(milliseconds);
  });

  test.each(["", "P", "PT", "15D", "P1Y", "P1M", "tomorrow"])("refuses %j", (text) => {
    expect(() => duration(text)).toThrow();
  });

  test("moves the one clock either way", () => {
    const clock = createClock(() => Date.UTC(2026, 0, 1));
    expect(setClock(clock, { advance: "P1D" })).toEqual({ now: "2026-01-02T00:00:00.000Z" });
    expect(setClock(clock, { now: "2025-12-24T00:00:00Z" })).toEqual({ now: "2025-12-24T00:00:00.000Z" });
    expect(() => setClock(clock, { now: "yesterday" })).toThrow();
  });
});
