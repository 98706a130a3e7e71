import { shortDigest } from "@tallyman/domain/image/digest";
import * as z from "zod";
import type { LiveLine } from "./live-line.ts";

/** The envelope that Lambda's loggers put around a line. */
const Logged = z.looseObject({ level: z.string(), message: z.string() });

const levels: Readonly<Record<string, LiveLine["level"]>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  CRITICAL: "error",
  FATAL: "error",
};

/** Of every line the same, or of no use on a screen. */
const noise = new Set([
  "level",
  "message",
  "timestamp",
  "service",
  "cold_start",
  "function_arn",
  "function_memory_size",
  "function_name",
  "function_request_id",
  "requestId",
  "sampling_rate",
  "xray_trace_id",
  "location",
  "stack",
  "account",
  "region",
  "eventId",
  "messageId",
]);

/** What a function wrote, as people see it; undefined: nothing for them (metrics, platform lines without error). */
export function functionLine(functionName: string, line: string, at: Date): LiveLine | undefined {
  const record = parse(line);
  if (record && "_aws" in record) return undefined;
  const parsed = Logged.safeParse(record);
  if (!parsed.success) return plainLine(functionName, line, at);
  const { account, region } = parsed.data;
  const registry =
    typeof account === "string" && typeof region === "string" ? { registry: `${account}/${region}` } : {};
  const fields = Object.entries(parsed.data)
    .filter(([name]) => !noise.has(name))
    .map(([name, value]) => [
      name,
      name === "digest" && typeof value === "string" ? shortDigest(value) : value,
    ]);
  return {
    at,
    level: levels[parsed.data.level.toUpperCase()] ?? "info",
    source: functionName,
    message: parsed.data.message,
    fields: { ...Object.fromEntries(fields), ...registry },
  };
}

function plainLine(source: string, line: string, at: Date): LiveLine | undefined {
  if (line.trim() === "") return undefined;
  return { at, level: /error|warning/i.test(line) ? "warn" : "debug", source, message: line, fields: {} };
}

function parse(line: string): object | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
