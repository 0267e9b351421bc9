// Words beside the axes of comparisons.

import assert from "node:assert/strict";
import { test } from "node:test";

import { anchored, cut, LETTER } from "../../explorer/web/js/axes.js";

test("a number at the end of an axis stays within the chart", () => {
  const words = "+0.000125";
  assert.deepEqual(anchored(300, words, 600), { x: 300, "text-anchor": "middle" });
  for (const x of [588, 600])
    assert.deepEqual(anchored(x, words, 600), { x: 600, "text-anchor": "end" });
  for (const x of [0, 12])
    assert.deepEqual(anchored(x, words, 600), { x: 0, "text-anchor": "start" });
});

test("a name that is too long is cut off with dots", () => {
  assert.equal(cut("short", 200), "short");
  const text = cut("x".repeat(100), 20 * LETTER);
  assert.equal(text.length, 20);
  assert.ok(text.endsWith("…"));
});
