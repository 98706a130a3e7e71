import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HttpServer, startHttpServer } from "./server.ts";

let server: HttpServer;

beforeAll(async () => {
  server = await startHttpServer({
    port: 0,
    onError: () => undefined,
    routes: [
      {
        matches: (path) => path.startsWith("/v2"),
        async handle(req, res) {
          res.end(JSON.stringify([req.url, req.headers.host]));
        },
      },
    ],
  });
});
afterAll(() => server.stop(0));

/** As it is, whatever it is: `fetch` would make something else of it. */
function get(target: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { port: server.port, host: "127.0.0.1", path: target, headers: { host: "told:1" } };
    const sent = request(options, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    sent.on("error", reject);
    sent.end();
  });
}

test.each([
  ["/v2/?n=1", "/v2/?n=1", "told:1"],
  ["http://registry:4510/v2/", "/v2/", "registry:4510"],
  ["HTTPS://Registry/v2/a?n=http://x/", "/v2/a?n=http://x/", "Registry"],
  ["/v2/http://registry/", "/v2/http://registry/", "told:1"],
])("%s is a request for %s of %s", async (target, path, host) => {
  expect(await get(target)).toEqual({ status: 200, text: JSON.stringify([path, host]) });
});

test.each([
  "http://registry",
  "http://registry?x=/v2/",
  "http://user@registry/v2/",
  "ftp://registry/v2/",
  "*",
])("%s is for nobody", async (target) => {
  expect((await get(target)).status).toBe(404);
});
