// Sets of digits as files: round trips here; the same files as Python reads them are in tests/digits/test_sets.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_BYTES, readSet, toNpz, toZip } from "../../explorer/web/js/digit_sets.js";
import { crc32, entriesOf, TooLarge, unpack } from "../../explorer/web/js/zip.js";

const set = {
  images: Uint8Array.from({ length: 3 * 784 }, (_, at) => (at * 7) % 256),
  labels: Uint8Array.of(4, 0, 9),
};
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

test("a set is the same after both forms", async () => {
  for (const form of [toNpz, toZip]) {
    const { images, labels } = await readSet(await form(set));
    assert.deepEqual([...labels], [...set.labels]);
    assert.deepEqual(images, set.images);
  }
});

test("the same digits are the same file", async () => {
  for (const form of [toNpz, toZip])
    assert.deepEqual(await bytesOf(await form(set)), await bytesOf(await form(set)));
});

test("a checksum is the one of the standard's check value", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("a file cut anywhere gets a sentence", async () => {
  for (const form of [toNpz, toZip]) {
    const whole = await bytesOf(await form(set));
    for (let size = 0; size < whole.length; size += 97)
      await assert.rejects(readSet(new Blob([whole.slice(0, size)])), /[a-z]\.$/);
  }
});

test("a byte that changed is noticed", async () => {
  const whole = await bytesOf(await toNpz(set));
  whole[500] ^= 1; // in the images
  await assert.rejects(readSet(new Blob([whole])), /^Error: images.npy is damaged or cut off\.$/);
});

test("what is too large is neither read nor unpacked", async () => {
  const file = { size: MOST_BYTES + 1, arrayBuffer: () => assert.fail("it is read") };
  await assert.rejects(readSet(file), /100 MB/);
  const packed = new Blob([new Uint8Array(1e6)])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  await assert.rejects(unpack(bytes, "gzip", 1e5), TooLarge);
  assert.equal((await unpack(bytes, "gzip", 1e6)).length, 1e6);
});

test("the zip has the four files of torchvision's MNIST, and says what they are", async () => {
  const entries = entriesOf(await bytesOf(await toZip(set)));
  const raw = ["t10k", "train"].flatMap((split) =>
    ["images-idx3-ubyte", "labels-idx1-ubyte"].map((part) => `MNIST/raw/${split}-${part}`),
  );
  assert.deepEqual(
    entries.map(({ name }) => name),
    ["README.md", ...raw],
  );
  const text = new TextDecoder().decode(await entries[0].read(10_000));
  assert.match(text, /not for training/);
});
