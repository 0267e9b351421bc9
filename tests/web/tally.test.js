// The tally of votes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { tally } from "../../explorer/web/js/tally.js";

/**
 * @param {number} digit
 * @param {number} prob
 */
const sure = (digit, prob) => {
  const row = Array(10).fill((1 - prob) / 9);
  row[digit] = prob;
  return row;
};
/** @param {string} norm */
const voter = (norm, seed = 1, batch = 16) => ({
  name: norm,
  trial: `${norm}-${seed}`,
  norm,
  regulariser: "none",
  batch,
  seed,
});

test("of tied digits the one with the larger sum of probabilities is that of most", () => {
  const voters = [voter("BN"), voter("GN")];
  assert.equal(tally(voters, [...sure(4, 0.5), ...sure(9, 0.9)]).digit, 9);
  assert.equal(tally(voters, [...sure(4, 0.9), ...sure(9, 0.5)]).digit, 4);
});

test("agreement is counted by norm, and means are over each norm's networks", () => {
  const voters = [voter("BN"), voter("GN", 1), voter("GN", 2)];
  const counted = tally(voters, [...sure(1, 0.8), ...sure(7, 0.8), ...sure(7, 0.6)]);
  assert.deepEqual(counted.norms, [
    { norm: "BN", networks: 1, agree: 0 },
    { norm: "GN", networks: 2, agree: 2 },
  ]);
  assert.ok(Math.abs(counted.byNorm.GN[7] - 0.7) < 1e-12);
  assert.ok(Math.abs(counted.means.reduce((sum, mean) => sum + mean, 0) - 1) < 1e-12);
});

test("a dissent names what its networks share and others do not", () => {
  const voters = [voter("BN", 1, 16), voter("BN", 2, 16), voter("BN", 1, 32), voter("GN", 1, 32)];
  const counted = tally(voters, [
    ...sure(3, 0.9),
    ...sure(7, 0.9),
    ...sure(7, 0.9),
    ...sure(7, 0.9),
  ]);
  const [{ digit, count, shared, alike, first }] = counted.dissents;
  assert.deepEqual([digit, count, shared, alike], [3, 1, ["norm", "batch"], 2]);
  assert.equal(first.trial, "BN-1");
});
