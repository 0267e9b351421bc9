// Labels at the ends of lines: none lies over another.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pushApart, roomFor } from "../../explorer/web/js/end_labels.js";
import { stretchesOf } from "../../explorer/web/js/strips.js";

test("labels that have room stay where they belong", () => {
  assert.deepEqual(pushApart([80, 20, 50], 10, 0, 100), [80, 20, 50]);
});

test("labels that would overlap are pushed apart around their middle, in their order", () => {
  assert.deepEqual(pushApart([50, 52], 10, 0, 100), [46, 56]);
  assert.deepEqual(pushApart([50, 50, 50], 10, 0, 100), [40, 50, 60]);
  for (const wanted of [
    [10, 14, 30, 31, 95, 96, 97],
    [99, 98, 1, 2, 3],
  ]) {
    const heights = pushApart(wanted, 10, 0, 100);
    const sorted = [...heights].sort((a, b) => a - b);
    for (let index = 1; index < sorted.length; index++)
      assert.ok(sorted[index] - sorted[index - 1] >= 10 - 1e-9);
    assert.ok(sorted[0] >= 0 && sorted[sorted.length - 1] <= 100);
    for (const [a, b] of heights.map((height, index) => [height, wanted[index]]).entries())
      for (const [c, d] of heights.map((height, index) => [height, wanted[index]]).entries())
        if (b[1] < d[1]) assert.ok(b[0] < d[0], `${a} above ${c}`);
  }
});

test("labels take no more than a part of the width", () => {
  assert.equal(roomFor([], 400), 0);
  assert.ok(roomFor(["BN"], 400) < 40);
  assert.equal(roomFor(["x".repeat(99)], 400), 120);
});

test("a strip has a field for each stretch of equal values", () => {
  const line = { xs: [1, 2, 3, 4, 5], ys: [0.1, 0.1, null, 0.01, 0.01] };
  assert.deepEqual(stretchesOf(line), [
    { from: 1, to: 2, value: 0.1 },
    { from: 4, to: 5, value: 0.01 },
  ]);
});
