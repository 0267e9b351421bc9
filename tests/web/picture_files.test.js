import assert from "node:assert/strict";
import { test } from "node:test";

import { inspect, refusal } from "../../explorer/web/js/picture_files.js";

const LIMITS = { uri: 200_000, least: 8, most: 4096 };

/** @param {(string | number[])[]} parts */
const bytesOf = (...parts) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...part].map((letter) => letter.charCodeAt(0)) : part,
    ),
  );

/** @param {number} value */
const word = (value) => [24, 16, 8, 0].map((shift) => (value >> shift) & 255);

/**
 * A PNG's header, and the names of chunks that follow it.
 * @param {number} bits
 * @param {string[]} names
 */
const png = (bits, ...names) =>
  bytesOf(
    "\x89PNG\r\n\x1a\n",
    word(13),
    "IHDR",
    word(300),
    word(200),
    [bits, 0, 0, 0, 0],
    word(0),
    ...names.flatMap((name) => [word(2), name, [1, 2], word(0)]),
  );

test("a PNG tells its size, depth, frames and EXIF data without being decoded", () => {
  const plain = { kind: "PNG", width: 300, height: 200, isAnimated: false, hasExif: false };
  assert.deepEqual(inspect(png(8, "IDAT")), { ...plain, isDeep: false });
  assert.deepEqual(inspect(png(16, "IDAT", "eXIf")), { ...plain, isDeep: true, hasExif: true });
  assert.deepEqual(inspect(png(8, "acTL")), { ...plain, isDeep: false, isAnimated: true });
  assert.equal(inspect(png(8).subarray(0, 20)).kind, "PNG");
});

test("a file is told by its first bytes, not by its name", () => {
  const first = {
    JPEG: "\xff\xd8\xff\xe0",
    GIF: "GIF89a",
    WebP: "RIFF\0\0\0\0WEBPVP8 ",
    PDF: "%PDF-1.7",
    AVIF: "\0\0\0\x1cftypavif",
    HEIC: "\0\0\0\x18ftypheic",
    TIFF: "II*\0",
  };
  for (const [kind, letters] of Object.entries(first)) {
    const header = inspect(bytesOf(letters));
    assert.equal(header.kind, kind);
    assert.ok(!header.isAnimated && !header.hasExif);
  }
  assert.equal(inspect(bytesOf("seven")).kind, "");
  assert.equal(inspect(bytesOf("")).kind, "");
  const place = "\xff\xe1\0\x08Exif\0\0";
  const table = "\xff\xdb\0\x04ab";
  assert.ok(inspect(bytesOf("\xff\xd8", table, place)).hasExif);
  assert.ok(!inspect(bytesOf("\xff\xd8", table, "\xff\xda", place)).hasExif);
});

test("an animation is told from a single frame", () => {
  const screen = [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]; // with two colours
  const control = [0x21, 0xf9, 4, 0, 0, 0, 0, 0];
  const frame = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x2c, 1, 0];
  assert.ok(!inspect(bytesOf("GIF89a", screen, control, frame, [0x3b])).isAnimated);
  assert.ok(inspect(bytesOf("GIF89a", screen, frame, control, frame, [0x3b])).isAnimated);
  assert.ok(inspect(bytesOf("GIF89a", screen, frame, frame)).isAnimated);
  assert.ok(inspect(bytesOf("RIFF\0\0\0\0WEBPVP8X", [10, 0, 0, 0, 2])).isAnimated);
  assert.ok(!inspect(bytesOf("RIFF\0\0\0\0WEBPVP8X", [10, 0, 0, 0, 16])).isAnimated);
});

test("sentences on files hold the limit", () => {
  const header = { kind: "PNG", width: 300, height: 200 };
  assert.equal(refusal("a", 1000, header, LIMITS), undefined);
  assert.match(refusal("a", 0, header, LIMITS) ?? "", /^a is empty\. .* 30 MB\.$/);
  assert.match(refusal("a", 31e6, header, LIMITS) ?? "", /31\.0 MB; .* 30 MB/);
  assert.match(refusal("a", 9, { ...header, width: 1e6 }, LIMITS) ?? "", /at most 100 million/);
  assert.match(refusal("a", 9, { kind: "PNG", width: 7, height: 2 }, LIMITS) ?? "", /least 8/);
  const deep = { ...header, isDeep: true };
  assert.equal(refusal("a", 149_000, deep, LIMITS), undefined);
  assert.match(refusal("a", 150_000, deep, LIMITS) ?? "", /at most 149 kB/);
});
