// The score of a test of the visitor's hand: what configurations and norms read, which digits divided them, and whether norms differ.

import { groupBy } from "./grouping.js";
import { scores } from "./set_scores.js";
import { DIGITS, readOf } from "./tally.js";

/** @typedef {import("./grouping.js").Voter & { l1: number, l2: number }} Voter */
/** @typedef {Pick<import("./hand_test.js").Drawn, "label" | "poll">} Labelled */
/** @typedef {{ read: number, networks: number }} Count */
/**
 * A digit and who read it.
 * @typedef {object} Digit
 * @property {number} label
 * @property {Count} all
 * @property {Map<string, Count>} norms
 * @property {{ digit: number, networks: number } | null} other what most of the rest read
 * @property {{ value: number, unit: string, below: number } | null} strange PCA reconstruction error, and the percentage of MNIST's digits below
 */
/**
 * Two norms at the settings that all norms have.
 * @typedef {object} Pair
 * @property {[string, string]} norms
 * @property {number[]} shares of the digits that each reads
 * @property {number} differing digits of which one norm read more than the other
 * @property {number} p of the exact paired test, after Holm's correction for all pairs
 */
/**
 * @typedef {object} Score
 * @property {number} n digits
 * @property {number} networks that read all of them
 * @property {import("./set_scores.js").Score[]} norms
 * @property {import("./set_scores.js").Score[]} configurations
 * @property {Digit[]} digits
 * @property {number} settings that all norms have
 * @property {Pair[]} pairs
 */

export const LEVEL = 0.05;
const TENTH = 0.1;
const STRANGENESS = "reconstruction error"; // by its name in digits/typicality.py

/** Whether at least a tenth of the networks read a digit, and at least a tenth do not. @param {Digit} digit */
export const isDivided = ({ all: { read, networks } }) =>
  read >= TENTH * networks && networks - read >= TENTH * networks;

/**
 * Score of one digit or more, by the networks that read all of them.
 * @param {Voter[]} voters all
 * @param {Labelled[]} drawn
 * @returns {Score}
 */
export const scoreOf = (voters, drawn) => {
  const asked = drawn.map(({ poll }) => new Map(poll.voters.map((index, row) => [index, row])));
  const common = drawn[0].poll.voters.filter((index) => asked.every((rows) => rows.has(index)));
  const networks = common.map((index) => voters[index]);
  const reads = drawn.map(({ poll }, place) =>
    common.map((index) => readOf(poll.probs, /** @type {number} */ (asked[place].get(index)))),
  );
  const counts = networks.map(
    (_, row) => drawn.filter(({ label }, place) => reads[place][row] === label).length,
  );
  const n = drawn.length;
  return {
    n,
    networks: networks.length,
    ...scores(networks, counts, n),
    digits: drawn.map((digit, place) => digitOf(digit, networks, reads[place])),
    ...compared(
      networks,
      drawn.map(({ label }, place) => reads[place].map((read) => read === label)),
    ),
  };
};

/**
 * @param {Labelled} drawn
 * @param {Voter[]} networks
 * @param {number[]} reads
 * @returns {Digit}
 */
const digitOf = ({ label, poll }, networks, reads) => {
  /** @param {number[]} rows */
  const countOf = (rows) => ({
    read: rows.filter((row) => reads[row] === label).length,
    networks: rows.length,
  });
  const rows = [...networks.keys()];
  const votes = Array(DIGITS).fill(0);
  for (const read of reads) if (read !== label) votes[read]++;
  const most = Math.max(...votes);
  return {
    label,
    all: countOf(rows),
    norms: new Map(
      [...groupBy(rows, (row) => networks[row].norm)].map(([norm, some]) => [norm, countOf(some)]),
    ),
    other: most ? { digit: votes.indexOf(most), networks: most } : null,
    strange: poll.measures.find(({ name }) => name === STRANGENESS) ?? null,
  };
};

/**
 * Every pair of norms at the settings of penalty and batch size that all norms have.
 * @param {Voter[]} networks
 * @param {boolean[][]} rights whether each network read a digit, by digit
 * @returns {{ settings: number, pairs: Pair[] }}
 */
const compared = (networks, rights) => {
  /** @param {number} row */
  const settingOf = (row) => `${networks[row].l1} ${networks[row].l2} ${networks[row].batch}`;
  const norms = groupBy([...networks.keys()], (row) => networks[row].norm);
  const settings = [...norms.values()].map((rows) => new Set(rows.map(settingOf)));
  const shared = [...(settings[0] ?? [])].filter((one) => settings.every((some) => some.has(one)));
  if (norms.size < 2 || !shared.length) return { settings: 0, pairs: [] };
  const sides = [...norms].map(([norm, rows]) => {
    const some = rows.filter((row) => shared.includes(settingOf(row)));
    const read = rights.map((right) => some.filter((row) => right[row]).length);
    const share = read.reduce((sum, count) => sum + count, 0) / (some.length * rights.length);
    return { norm, networks: some.length, read, share };
  });
  const pairs = sides.flatMap((a, first) =>
    sides.slice(first + 1).map((b) => {
      // Differences between shares, times both numbers of networks: whole numbers.
      const differences = a.read.map(
        (count, place) => count * b.networks - b.read[place] * a.networks,
      );
      return {
        norms: /** @type {[string, string]} */ ([a.norm, b.norm]),
        shares: [a.share, b.share],
        differing: differences.filter(Boolean).length,
        p: pairedP(differences),
      };
    }),
  );
  const adjusted = holm(pairs.map(({ p }) => p));
  return {
    settings: shared.length,
    pairs: pairs.map((pair, place) => ({ ...pair, p: adjusted[place] })),
  };
};

/**
 * P value of the exact paired test: the probability that a sum is as far from 0, were the sign of every difference a coin's.
 * Of differences of -1, 0 and 1 this is McNemar's exact test (Fisher 1935; docs/protocol.md).
 * @param {number[]} differences whole numbers
 */
export const pairedP = (differences) => {
  const divisor = differences.map(Math.abs).reduce(commonDivisor, 0) || 1;
  const steps = differences.map((difference) => Math.abs(difference) / divisor).filter(Boolean);
  const total = steps.reduce((sum, step) => sum + step, 0);
  const reached = Math.abs(differences.reduce((sum, difference) => sum + difference, 0)) / divisor;
  let chances = new Float64Array(2 * total + 1); // of each sum, from -total on
  chances[total] = 1;
  for (const step of steps) {
    const next = new Float64Array(chances.length);
    chances.forEach((chance, at) => {
      if (!chance) return;
      next[at - step] += chance / 2;
      next[at + step] += chance / 2;
    });
    chances = next;
  }
  const far = chances.reduce(
    (sum, chance, at) => sum + (Math.abs(at - total) >= reached ? chance : 0),
    0,
  );
  return Math.min(1, far);
};

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
const commonDivisor = (a, b) => (b ? commonDivisor(b, a % b) : a);

/**
 * P values adjusted for their number (Holm 1979).
 * @param {number[]} ps
 */
export const holm = (ps) => {
  const adjusted = Array(ps.length).fill(1);
  let highest = 0;
  [...ps.keys()]
    .sort((a, b) => ps[a] - ps[b])
    .forEach((place, rank) => {
      highest = Math.max(highest, Math.min(1, (ps.length - rank) * ps[place]));
      adjusted[place] = highest;
    });
  return adjusted;
};

/**
 * The fewest differing digits with which a pair can be told apart, all of them in one direction.
 * @param {number} pairs of the family
 */
export const fewest = (pairs) => {
  let digits = 1;
  while (2 * pairs * 0.5 ** digits >= LEVEL) digits++;
  return digits;
};
