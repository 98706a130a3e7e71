// A process of its own: loads a bundle as Lambda's runtime does and prints what that took: elapsed and processor time.
const used = process.cpuUsage();
const began = performance.now();
const { handler } = await import(process.argv[2]);
const milliseconds = performance.now() - began;
const { user, system } = process.cpuUsage(used);
if (typeof handler !== "function") throw new Error(`${process.argv[2]} exports no handler`);
process.stdout.write(JSON.stringify({ milliseconds, processor: (user + system) / 1000 }));
