/** Whether any repository still knows a blob is asked for each file while the registry runs. */
export const LAYERS_BY_DIGEST = `CREATE INDEX layersByDigest ON layers (digest);`;
