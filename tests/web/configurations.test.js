// Configurations chosen by their settings.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, optionsOf } from "../../explorer/web/js/configurations.js";

/** @type {[string, string, number, string][]} */
const ROWS = [
  ["BN", "none", 16, "0.04"],
  ["BN", "none", 128, "0.04"],
  ["BN", "none", 128, "0.01"],
  ["BN", "L1 0.1", 128, "0.04"],
  ["GN", "none", 16, "0.04"],
  ["GN", "L1 0.2", 64, "0.04"],
];
const ALL = ROWS.map(([norm, penalty, batch, rate]) => {
  return { name: [norm, penalty, batch, rate].join(), norm, penalty, batch, rate };
});

test("a value keeps the other settings where such a configuration exists", () => {
  assert.equal(nearest(ALL, ALL[0], "batch", "128"), ALL[1]);
  assert.equal(nearest(ALL, ALL[0], "norm", "GN"), ALL[4]);
});

test("else it goes to the nearest: the same norm, then the kind of penalty, then the sizes", () => {
  assert.equal(nearest(ALL, ALL[0], "penalty", "L1 0.1"), ALL[3]);
  assert.equal(nearest(ALL, ALL[3], "norm", "GN"), ALL[5]);
  assert.equal(nearest(ALL, ALL[4], "rate", "0.01"), ALL[2]);
});

test("values that keep the other settings come first, numbers ascend", () => {
  assert.deepEqual(
    optionsOf(ALL, ALL[0], "batch").map(([value, , group]) => [value, !group]),
    [
      [16, true],
      [128, true],
      [64, false],
    ],
  );
});
