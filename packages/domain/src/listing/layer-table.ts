import type { Layer } from "./listing.ts";

/** Layers by number, each once: tens of thousands of images name the same few thousands. */
export type LayerTable = {
  /** The numbers of these layers, in their order. */
  numbersOf(layers: Iterable<Layer>): readonly number[];
  /** Every layer in order of digest, and the place there of each number. */
  sorted(): { readonly layers: readonly Layer[]; readonly placeOf: (number: number) => number };
};

export function layerTable(): LayerTable {
  const numbers = new Map<string, number>();
  const layers: Layer[] = [];

  function numberOf(layer: Layer): number {
    const known = numbers.get(layer.digest);
    if (known === undefined) {
      numbers.set(layer.digest, layers.length);
      return layers.push({ digest: layer.digest, size: layer.size }) - 1;
    }
    // Manifests that disagree on a size: the larger counts.
    if (layer.size > (layers[known]?.size ?? 0)) layers[known] = { digest: layer.digest, size: layer.size };
    return known;
  }

  return {
    numbersOf: (some) => Array.from(some, numberOf),
    sorted() {
      const order = [...layers.entries()].sort(([, a], [, b]) => (a.digest < b.digest ? -1 : 1));
      const places = new Uint32Array(layers.length);
      for (const [place, [number]] of order.entries()) places[number] = place;
      return { layers: order.map(([, layer]) => layer), placeOf: (number) => places[number] ?? 0 };
    },
  };
}
