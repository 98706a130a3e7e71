import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAwsChunked } from "./aws-chunked.ts";

describe("decodeAwsChunked", () => {
  it("gives back what was sent in chunks of any size, and the trailers", () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 5 });
    fc.assert(
      fc.property(chunks, (sent) => {
        const data = Buffer.concat(sent);
        const decoded = decodeAwsChunked(encode(sent, ["x-amz-checksum-crc32:AAAAAA=="]), data.length);
        expect(Buffer.from(decoded.data)).toEqual(data);
        expect(decoded.trailers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
      }),
    );
  });

  it("reads chunk extensions and bodies without trailers", () => {
    const body = Buffer.from("3;chunk-signature=0f\r\nabc\r\n0;chunk-signature=1e\r\n\r\n");
    expect(Buffer.from(decodeAwsChunked(body).data).toString()).toBe("abc");
  });

  it("refuses a body that is cut off anywhere", () => {
    const whole = encode([Buffer.from("abc"), Buffer.from("de")], ["X-Amz-Trailer: 1"]);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeAwsChunked(whole.subarray(0, length))).toThrowError(/number of bytes/);
    expect(decodeAwsChunked(whole).trailers).toEqual({ "x-amz-trailer": "1" });
  });

  it.each([
    ["a size that is no number", "x\r\nabc\r\n0\r\n\r\n"],
    ["a size that is too small", "2\r\nabc\r\n0\r\n\r\n"],
    ["a negative size", "-3\r\nabc\r\n0\r\n\r\n"],
    ["a trailer without a colon", "0\r\nnonsense\r\n\r\n"],
  ])("refuses %s", (_name, body) => {
    expect(() => decodeAwsChunked(Buffer.from(body))).toThrowError(
      expect.objectContaining({ code: "IncompleteBody" }),
    );
  });

  it("refuses another length than the one promised", () => {
    expect(() => decodeAwsChunked(encode([Buffer.from("abc")], []), 4)).toThrowError(/number of bytes/);
  });
});

function encode(chunks: readonly Uint8Array[], trailers: readonly string[]): Buffer {
  const parts = chunks.flatMap((it) => [`${it.length.toString(16)}\r\n`, it, "\r\n"]);
  const end = ["0\r\n", ...trailers.map((it) => `${it}\r\n`), "\r\n"];
  return Buffer.concat([...parts, ...end].map((it) => (typeof it === "string" ? Buffer.from(it) : it)));
}
