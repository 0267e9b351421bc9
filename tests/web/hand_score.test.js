// The score of a test of the visitor's hand: counts, and the exact paired test of the norms.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fewest, holm, isDivided, pairedP, scoreOf } from "../../explorer/web/js/hand_score.js";

const settings = [
  { l1: 0, l2: 0, batch: 16 },
  { l1: 0, l2: 0, batch: 32 },
];
/** Two settings of each norm with one seed, and one of BN's alone. */
const voters = [
  ...["BN", "GN", "LN"].flatMap((norm) => settings.map((setting) => ({ norm, ...setting }))),
  { norm: "BN", l1: 1, l2: 0, batch: 16 },
].map((voter) => ({ ...voter, name: `${voter.norm} ${voter.l1} ${voter.batch}` }));

/**
 * @param {number} label
 * @param {number[]} reads of all voters, or of those named
 */
const drawn = (label, reads, indices = [...reads.keys()]) => ({
  label,
  poll: {
    voters: indices,
    probs: Float32Array.from(
      reads.flatMap((read) => Array.from({ length: 10 }, (_, at) => Number(at === read))),
    ),
    measures: [
      { name: "ink", unit: "%", value: 9, below: 9 },
      { name: "reconstruction error", unit: "grey levels", value: 30, below: 60 },
    ],
  },
});

test("a score counts by network, configuration, norm and digit", () => {
  const score = scoreOf(voters, [drawn(7, [7, 7, 7, 7, 7, 7, 7]), drawn(4, [9, 9, 4, 4, 4, 9, 1])]);
  assert.deepEqual([score.n, score.networks], [2, 7]);
  assert.deepEqual(
    score.norms.map(({ name, networks, share }) => [name, networks, share]),
    [
      ["BN", 3, 0.5],
      ["GN", 2, 1],
      ["LN", 2, 0.75],
    ],
  );
  assert.equal(score.configurations.length, 7);
  const [seven, four] = score.digits;
  assert.deepEqual([seven.all, seven.other], [{ read: 7, networks: 7 }, null]);
  assert.deepEqual(
    [four.all, four.other],
    [
      { read: 3, networks: 7 },
      { digit: 9, networks: 3 },
    ],
  );
  assert.deepEqual(four.norms.get("LN"), { read: 1, networks: 2 });
  assert.deepEqual([four.strange?.value, four.strange?.below], [30, 60]);
  assert.deepEqual([isDivided(seven), isDivided(four)], [false, true]);
});

test("norms are compared at the settings that all have", () => {
  // BN misses the 4 only with the setting that the others lack.
  const { settings: shared, pairs } = scoreOf(voters, [drawn(4, [4, 4, 4, 4, 9, 4, 9])]);
  assert.equal(shared, 2);
  assert.deepEqual(
    pairs.map(({ norms, differing, shares }) => [norms.join(), differing, ...shares]),
    [
      ["BN,GN", 0, 1, 1],
      ["BN,LN", 1, 1, 0.5],
      ["GN,LN", 1, 1, 0.5],
    ],
  );
});

test("only networks that read every digit count", () => {
  const score = scoreOf(voters, [drawn(1, [1, 1], [0, 2]), drawn(2, [2, 2, 5], [0, 1, 2])]);
  assert.equal(score.networks, 2);
  assert.deepEqual(
    score.norms.map(({ name, share }) => [name, share]),
    [
      ["BN", 1],
      ["GN", 0.5],
    ],
  );
});

test("without a setting that all norms have, norms are not compared", () => {
  const { pairs } = scoreOf([voters[0], voters[3]], [drawn(1, [1, 2])]);
  assert.deepEqual(pairs, []);
});

/** Every assignment of signs, one by one. @param {number[]} differences */
const enumerated = (differences) => {
  const reached = Math.abs(differences.reduce((sum, one) => sum + one, 0));
  let far = 0;
  for (let signs = 0; signs < 2 ** differences.length; signs++) {
    const sum = differences.reduce((all, one, at) => all + (signs & (1 << at) ? one : -one), 0);
    far += Number(Math.abs(sum) >= reached);
  }
  return far / 2 ** differences.length;
};

test("the paired test counts every assignment of signs", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let time = 0; time < 200; time++) {
    const differences = Array.from(
      { length: 1 + (time % 10) },
      () => Math.floor(11 * random()) - 5,
    );
    const p = pairedP(differences);
    assert.ok(Math.abs(p - enumerated(differences)) < 1e-12, `${differences}: ${p}`);
  }
});

test("of right and wrong alone the paired test is McNemar's exact test", () => {
  // scipy.stats.binomtest(2, 9).pvalue: 2 against 7 digits
  const differences = [...Array(7).fill(80), ...Array(2).fill(-80), 0, 0];
  assert.ok(Math.abs(pairedP(differences) - 0.1796875) < 1e-12);
  assert.equal(pairedP([0, 0, 0]), 1);
  assert.equal(pairedP([]), 1);
});

test("a hundred digits of many networks are tested, too", () => {
  const differences = Array.from({ length: 100 }, (_, at) => (at % 3 ? 7 : -6) * (1 + (at % 80)));
  const p = pairedP(differences);
  assert.ok(p > 0 && p < 1, String(p));
});

test("Holm's correction is monotone and at most 1", () => {
  const adjusted = holm([0.04, 0.01, 0.5]);
  [0.08, 0.03, 0.5].forEach((p, at) => assert.ok(Math.abs(adjusted[at] - p) < 1e-12));
  assert.deepEqual(holm([0.9, 0.6]), [1, 1]);
});

test("with fewer than the fewest digits no pair can be told apart", () => {
  for (const pairs of [1, 3]) {
    const least = fewest(pairs);
    /** @param {number} digits */
    const smallest = (digits) => pairs * pairedP(Array(digits).fill(1));
    assert.ok(smallest(least) < 0.05 && smallest(least - 1) >= 0.05);
  }
  assert.deepEqual([fewest(1), fewest(3)], [6, 7]);
});
