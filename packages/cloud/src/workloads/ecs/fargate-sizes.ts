/** CPU units, and the memory that goes with them: from, to, in steps of, MiB (ECS Developer Guide, "Task CPU and memory"). */
const SIZES: Readonly<Record<number, readonly [from: number, to: number, step: number]>> = {
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192],
};

/** Whether Fargate has a task of that size; `.25 vCPU` and `2 GB` are sizes as well. */
export function isFargateSize(cpu: string, memory: string): boolean {
  const units = cpuUnits(cpu);
  const mebibytes = memoryMebibytes(memory);
  if (units === 256) return [512, 1024, 2048].includes(mebibytes);
  const [from, to, step] = SIZES[units] ?? [1, 0, 1];
  return mebibytes >= from && mebibytes <= to && (mebibytes - from) % step === 0;
}

function cpuUnits(text: string): number {
  const [, virtual] = /^(\d*\.?\d+)\s*vcpu$/i.exec(text) ?? [];
  return virtual === undefined ? Number(text) : Number(virtual) * 1024;
}

function memoryMebibytes(text: string): number {
  const [, gigabytes] = /^(\d*\.?\d+)\s*gb$/i.exec(text) ?? [];
  return gigabytes === undefined ? Number(text) : Number(gigabytes) * 1024;
}
