// Run as a process of its own, to be killed: serves the directory given as its argument and prints where.
import { startRegistryServer } from "./registry-server.ts";

const server = await startRegistryServer({ directory: String(process.argv[2]) });
process.stdout.write(`${server.url}\n`);
