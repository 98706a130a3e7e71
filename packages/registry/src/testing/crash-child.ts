// Run as a process of its own, to be killed: serves the directory given as its argument, collecting garbage all the while, and
// prints where.
import { startRegistryServer } from "./registry-server.ts";

const server = await startRegistryServer({ directory: String(process.argv[2]) });
setInterval(() => {
  server.registry.collectGarbage().catch((error: unknown) => void server.errors.push(error));
}, 250);
process.stdout.write(`${server.url}\n`);
