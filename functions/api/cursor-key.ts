const AT_LEAST_BYTES = 32;

/** The parameter holds no key that could sign anything. */
export class CursorKeyError extends Error {
  readonly code = "CURSOR_KEY_INVALID";

  constructor(parameter: string) {
    super(
      `The SSM parameter ${parameter} must hold at least ${AT_LEAST_BYTES} bytes in base64; write a new one with: aws ssm put-parameter --overwrite --type SecureString --name ${parameter} --value "$(openssl rand -base64 32)"`,
    );
    this.name = "CursorKeyError";
  }
}

/** Reads the key that signs cursors from its parameter (base64); throws CursorKeyError. */
export function cursorKey(parameter: string, read: () => Promise<string>): () => Promise<Uint8Array> {
  return async () => {
    const key = Buffer.from(await read(), "base64");
    if (key.byteLength < AT_LEAST_BYTES) throw new CursorKeyError(parameter);
    return key;
  };
}
