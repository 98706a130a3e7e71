import { registryReading } from "../configuration/registry-reading.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";

export const handler = createHandler(registryReading(readConfig(process.env), "replica-check"));
