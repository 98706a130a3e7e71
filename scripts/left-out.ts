import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/*
 * What the AWS SDK carries for places that are no Lambda function, and what stands there instead in a bundle. Splitting
 * alone keeps these out of the start, not out of the package: about 170 KB in each function.
 */
const REPLACED: Readonly<Record<string, string>> = {
  // A function's credentials are always in its environment: no profiles, SSO, web identity or instance metadata.
  "@aws-sdk/credential-provider-node":
    'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";',
  // Parses a browser's user agent.
  bowser: "export default undefined;",
  // No operation that we call streams events; the protocol imports this only for one that does, and Lambda's client, which has
  // one, asks for it when it is made.
  "@smithy/core/event-streams":
    "export const eventStreamSerdeProvider = () => undefined; export const resolveEventStreamSerdeConfig = (config) => config;",
  // DynamoDB's endpoint discovery is off unless asked for.
  "@aws-sdk/endpoint-cache": "export class EndpointCache {}",
};

const NAMES = new RegExp(`^(${Object.keys(REPLACED).join("|").replaceAll("/", "\\/")})$`);

/** Leaves out of a bundle what only runs outside of Lambda. */
export function lambdaOnly(resolveDir: string): Plugin {
  return {
    name: "lambda-only",
    setup(build) {
      build.onResolve({ filter: NAMES }, ({ path }) => ({ path, namespace: "lambda-only" }));
      build.onLoad({ filter: /.*/, namespace: "lambda-only" }, ({ path }) => ({
        contents: REPLACED[path] ?? "",
        resolveDir,
      }));
      // Clients import their whole package.json to say their version in the user agent.
      build.onLoad({ filter: /@aws-sdk\/[^/]+\/package\.json$/ }, ({ path }) => {
        const { version } = JSON.parse(readFileSync(path, "utf8"));
        return { contents: JSON.stringify({ version }), loader: "json" };
      });
    },
  };
}

/**
 * @hono/zod-openapi hands all of zod to a function that adds one method to one class. With the whole namespace in use
 * nothing of zod could be left out: 90 KB that are read at every start.
 */
export function zodInParts(): Plugin {
  return {
    name: "zod-in-parts",
    setup(build) {
      build.onResolve({ filter: /^zod$/ }, ({ importer, resolveDir }) =>
        /[\\/]@hono[\\/]zod-openapi[\\/]/.test(importer)
          ? { path: "zod", namespace: "zod-in-parts", pluginData: resolveDir }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "zod-in-parts" }, ({ pluginData }) => ({
        contents: `import { ZodType } from "zod"; export const z = { ZodType };`,
        resolveDir: pluginData,
      }));
    },
  };
}

/**
 * zod's namespace object, which @hono/zod-openapi takes whole, holds the error messages of 50 languages: 264 KB that
 * nothing reads. English alone stays.
 */
export function englishOnly(): Plugin {
  return {
    name: "english-only",
    setup(build) {
      build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
        contents: `export { default as en } from "./en.js";`,
      }));
    },
  };
}
