// Scores of a set of digits: means over the networks of a configuration and of a norm, and their intervals.

import assert from "node:assert/strict";
import { test } from "node:test";
import { scores, wilson } from "../../explorer/web/js/set_scores.js";

const networks = [
  { name: "BN, batch 16", norm: "BN" },
  { name: "BN, batch 16", norm: "BN" },
  { name: "BN, batch 32", norm: "BN" },
  { name: "LN, batch 16", norm: "LN" },
];

test("a score is the mean over its networks", () => {
  const { norms, configurations } = scores(networks, [10, 8, 9, 5], 10);
  assert.deepEqual(
    configurations.map(({ name, networks, share }) => [name, networks, share]),
    [
      ["BN, batch 16", 2, 0.9],
      ["BN, batch 32", 1, 0.9],
      ["LN, batch 16", 1, 0.5],
    ],
  );
  assert.deepEqual(
    norms.map(({ name, networks, share }) => [name, networks, share]),
    [
      ["BN", 3, 0.9],
      ["LN", 1, 0.5],
    ],
  );
});

test("ten digits tell little, and all of ten do not mean all", () => {
  const { low, high } = wilson(1, 10);
  assert.ok(Math.abs(low - 0.7224672) < 1e-6); // R: prop.test(10, 10, correct = FALSE)
  assert.ok(Math.abs(high - 1) < 1e-9);
  const half = wilson(0.5, 10);
  assert.ok(Math.abs(half.low - 0.236593) < 1e-6 && Math.abs(half.high - 0.763407) < 1e-6);
});
