import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import * as z from "zod";

/** Adds a signature to the text of a JSON object, which stands in it from then on; `now` is the time it states. */
export type ManifestSigner = (payload: string, now: Date) => string;

const Jwk = z.object({ crv: z.literal("P-256"), kty: z.literal("EC"), x: z.base64url(), y: z.base64url() });

const INDENT = 3;

/**
 * Signs as Docker's libtrust does: a JWS (RFC 7515) over the whole text, ES256, kept in the object as `signatures`, each of
 * which says how much of the text was there before. The key is the registry's own and made anew at each start: it proves
 * nothing, but clients of schema 1 will not read a manifest without a signature.
 *
 * The payload must be indented by three blanks.
 */
export function createManifestSigner(): ManifestSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = toJwk(publicKey);
  return (payload, now) => {
    const head = payload.slice(0, payload.lastIndexOf("}")).trimEnd();
    const formatTail = payload.slice(head.length);
    const stated = {
      formatLength: Buffer.byteLength(head),
      formatTail: base64url(formatTail),
      time: `${now.toISOString().slice(0, 19)}Z`,
    };
    const protectedHeader = base64url(JSON.stringify(stated));
    const input = Buffer.from(`${protectedHeader}.${base64url(payload)}`);
    const signature = sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" });
    const signatures = [
      {
        header: { jwk, alg: "ES256" },
        signature: signature.toString("base64url"),
        protected: protectedHeader,
      },
    ];
    const [, ...member] = JSON.stringify({ signatures }, null, INDENT);
    return `${head},${member.join("")}`;
  };
}

function toJwk(key: KeyObject) {
  const { crv, kty, x, y } = Jwk.parse(key.export({ format: "jwk" }));
  return { crv, kid: keyId(key), kty, x, y };
}

/** libtrust's name of a key: 240 bits of the hash of its DER form, in base32, in groups of four. */
export function keyId(publicKey: KeyObject): string {
  const der = publicKey.export({ type: "spki", format: "der" });
  const letters = toBase32(createHash("sha256").update(der).digest().subarray(0, 30));
  return (letters.match(/.{4}/g) ?? []).join(":");
}

/** RFC 4648; of a whole number of five-byte groups, so that nothing is padded. */
function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/.{5}/g) ?? [];
  return digits.map((digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(digit, 2)]).join("");
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
