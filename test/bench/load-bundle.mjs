// A process of its own: loads a bundle as Lambda's runtime does and prints how many milliseconds that took.
const began = performance.now();
const { handler } = await import(process.argv[2]);
const milliseconds = performance.now() - began;
if (typeof handler !== "function") throw new Error(`${process.argv[2]} exports no handler`);
process.stdout.write(String(milliseconds));
