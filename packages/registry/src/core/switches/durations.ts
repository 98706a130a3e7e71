const MINUTE = 60 * 1000;

/** Durations that switches name, in milliseconds. */
export const DURATIONS = { "15m": 15 * MINUTE, "1h": 60 * MINUTE, "24h": 24 * 60 * MINUTE } as const;
