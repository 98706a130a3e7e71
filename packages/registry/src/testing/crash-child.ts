// Run as a process of its own, to be killed: serves the directory given as its argument, collecting garbage all the while, and
// prints where. With `lifecycle` as its second argument it also runs lifecycle policies without end, on the real clock.
import { startRegistryServer } from "./registry-server.ts";

const [, , directory = "", mode] = process.argv;
const limits = mode === "lifecycle" ? { unusedLayerLife: 0 } : {};
const server = await startRegistryServer({ directory, limits });
const { clock, errors, registry } = server;
setInterval(() => {
  registry.collectGarbage().catch((error: unknown) => void errors.push(error));
}, 250);
process.stdout.write(`${server.url}\n`);
while (mode === "lifecycle") {
  clock.now = new Date();
  await registry.runLifecycle("all").catch((error: unknown) => void errors.push(error));
  await new Promise((resolve) => setImmediate(resolve)); // Requests are answered between two runs, and within one.
}
