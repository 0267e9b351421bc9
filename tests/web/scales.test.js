// Scales and ticks of charts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, brief, endsOf, scaleOf } from "../../explorer/web/js/scales.js";

const PIXELS = { first: 100, last: 0 };

test("a scale maps its ends and its middle", () => {
  const { at, low, middle, high } = scaleOf({ from: 90, to: 100 }, PIXELS);
  assert.deepEqual([low, middle, high].map(at), [100, 50, 0]);
});

test("a logarithmic scale has its middle at the geometric mean, and nothing at or below 0", () => {
  const { at, middle, has } = scaleOf({ from: 0.01, to: 1, log: true }, PIXELS);
  assert.ok(Math.abs(middle - 0.1) < 1e-12);
  assert.ok(Math.abs(at(0.1) - 50) < 1e-9);
  assert.deepEqual([0.5, 0, -1, NaN].map(has), [true, false, false, false]);
});

test("a single value lies in the middle", () => {
  for (const log of [false, true])
    assert.ok(Math.abs(scaleOf({ from: 3, to: 3, log }, PIXELS).at(3) - 50) < 1e-9);
});

test("ends leave out what cannot be shown, and exist without any value", () => {
  assert.deepEqual(endsOf([3, NaN, -1, 2], false), [-1, 3]);
  assert.deepEqual(endsOf([3, 0, -1, 2], true), [2, 3]);
  assert.deepEqual(endsOf([], false), [0, 1]);
  assert.deepEqual(endsOf([], true), [0.1, 1]);
});

test("ticks have as many digits as tell them apart", () => {
  assert.deepEqual(
    [97.6, 97.8, 98].map((value) => apart(value, 0.4)),
    ["97.6", "97.8", "98"],
  );
  assert.equal(apart(1234.5, 1000), "1235");
  assert.equal(apart(0.5, 0), "0.5");
  assert.equal(brief(0.012345), "0.012");
});
