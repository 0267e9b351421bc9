// Reading a set a few digits at a time: what is counted, progress, and the end of what was cancelled.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countRead } from "../../explorer/web/js/set_reader.js";

const n = 23;
const labels = Uint8Array.from({ length: n }, (_, at) => at % 10);
const images = new Uint8Array(784 * n);
labels.forEach((label, at) => (images[784 * at] = label)); // the first pixel has the label

/** Two networks: the first reads every digit, the second calls all of them 3. */
const read = async (digits) => {
  const count = digits.length / 784;
  const answers = new Uint8Array(2 * count).fill(3);
  for (let at = 0; at < count; at++) answers[at] = digits[784 * at];
  return { networks: [4, 9], answers };
};

test("every digit is counted once, with its label", async () => {
  const done = [];
  const counted = await countRead(
    { images, labels },
    false,
    read,
    (count) => done.push(count),
    new AbortController().signal,
  );
  assert.deepEqual([...counted.networks], [4, 9]);
  assert.deepEqual([...counted.correct], [n, labels.filter((label) => label === 3).length]);
  assert.equal(done.at(-1), n);
  assert.ok(done.every((count, at) => !at || count > done[at - 1]));
});

test("a set that is cancelled is read no further", async () => {
  const controller = new AbortController();
  let asked = 0;
  const reading = async (digits) => {
    if (++asked === 2) controller.abort();
    return read(digits);
  };
  const counted = await countRead({ images, labels }, false, reading, () => {}, controller.signal);
  assert.equal(counted, null);
  assert.equal(asked, 2);
});

test("a device that fails is an error", async () => {
  const failing = () => Promise.reject(new Error("gone"));
  const { signal } = new AbortController();
  await assert.rejects(
    countRead({ images, labels }, true, failing, () => {}, signal),
    /gone/,
  );
});
