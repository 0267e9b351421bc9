// Pairs of a visitor's columns that are drawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pairsDrawn } from "../../explorer/web/js/own_chart.js";

/** @param {number} a @param {number} b @param {number} points */
const pair = (a, b, points) => ({
  a,
  b,
  family: 3,
  difference: {
    points,
    low: points - 1,
    high: points + 2,
    corrected: { low: points - 3, high: points + 4 },
    margin: 5,
  },
});
/** @param {string[]} names @param {ReturnType<typeof pair>[]} pairs @param {string[]} best */
const judged = (names, pairs, best) => ({
  columns: names.map((trial) => ({ trial, seeds: 1, accuracies: [1], mean: 1, resolution: 1 })),
  pairs,
  best,
  digits: 1,
  unit: "",
  unit_of_values: "",
  higher_is_better: true,
});

test("of two columns their difference is drawn as it is", () => {
  const pairs = [pair(0, 1, -2)];
  assert.deepEqual(pairsDrawn(judged(["a", "b"], pairs, ["b"])), pairs);
});

test("of more columns the best is drawn against every other, from its own side", () => {
  const pairs = [pair(0, 1, -2.5), pair(0, 2, 3), pair(1, 2, 5)];
  const [first, second, ...rest] = pairsDrawn(judged(["a", "b", "c"], pairs, ["b", "a"]));
  assert.deepEqual(rest, []);
  assert.deepEqual(second, pairs[2]);
  assert.deepEqual([first.a, first.b], [1, 0]);
  assert.deepEqual(first.difference, {
    points: 2.5,
    low: 0.5,
    high: 3.5,
    corrected: { low: -1.5, high: 5.5 },
    margin: 5,
  });
});
