// Symbols of points, and round ticks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { roundTicks } from "../../explorer/web/js/scales.js";
import { symbolPath } from "../../explorer/web/js/symbols.js";

test("every symbol is a path around its point", () => {
  for (const symbol of ["circle", "square", "diamond", "triangle", "pentagon", "cross", "star"])
    assert.match(symbolPath(symbol, 10, 20, 3), /^M[\d. -]+[a-zA-Z]/, symbol);
  assert.equal(symbolPath("square", 10, 20, 3), "M7 17L13 17L13 23L7 23Z");
});

test("ticks are round and within the range", () => {
  assert.deepEqual(roundTicks(97.31, 99.4, false, 5), [97.5, 98, 98.5, 99]);
  assert.deepEqual(roundTicks(1, 25, false, 6), [5, 10, 15, 20, 25]);
  assert.deepEqual(roundTicks(0.02, 3, true, 10), [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(roundTicks(1e-5, 1, true, 5), [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
  assert.deepEqual(roundTicks(0.6, 0.9, true, 3), [0.6, 0.7, 0.8, 0.9]);
});
