import { shortDigest } from "@tallyman/domain/image/digest";

/** `12.3 MB`: decimal units, as registries bill; bytes below 1000. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return "-";
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `$12.34` a month; less than a cent is said so. */
export function formatCost(usd: number | undefined): string {
  if (usd === undefined) return "-";
  return usd > 0 && usd < 0.01 ? "< $0.01" : `$${usd.toFixed(2)}`;
}

/** `2026-11-21 12:00:00Z`: UTC, seconds; anything else stays as it came. */
export function formatTime(iso: string | undefined): string {
  if (iso === undefined) return "-";
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(iso)
    ? `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`
    : iso;
}

/** Enough of a digest to recognise it; all of it with `--wide`. */
export function formatDigest(digest: string | null, wide: boolean): string {
  if (digest === null) return "(none)";
  return wide ? digest : shortDigest(digest);
}

/** `application/vnd.oci.image.index.v1+json` -> `oci index`. */
export function formatMediaType(mediaType: string | undefined): string {
  const known =
    /^application\/vnd\.(oci\.image|docker\.distribution)\.(manifest\.list|manifest|index)\./.exec(
      mediaType ?? "",
    );
  if (known === null) return mediaType ?? "-";
  const family = known[1] === "oci.image" ? "oci" : "docker";
  return `${family} ${known[2] === "manifest" ? "image" : "index"}`;
}

/** Why a state began: `push`; with words of whoever told us, which name the cause themselves or follow it. */
export function formatCause({
  cause,
  why,
}: {
  readonly cause: string;
  readonly why?: string | undefined;
}): string {
  if (why === undefined) return cause;
  return why.startsWith(`${cause} `) ? why : `${cause}: ${why}`;
}
