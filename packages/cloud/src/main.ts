// The embedded cloud's entry point: keeps what V8 and the type stripper make of the sources, then runs the command. With
// it a start takes about half the processor time.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// In the checkout, not in the system's temporary folder: what is kept here is run.
enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/embedded-cloud", import.meta.url)));
await import("./command.ts");
