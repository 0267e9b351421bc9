// The tally of votes on one digit, as explorer/network/predictions.py counts it: means, the digit of most, and who dissents.

import { groupBy } from "./grouping.js";

/** @typedef {import("./grouping.js").Voter} Voter */
/** @typedef {"norm" | "regulariser" | "batch"} Factor */
/**
 * Networks that read the same digit, another than most: their number, the first, and the factors whose level they share.
 * @typedef {{ digit: number, count: number, first: Voter, shared: Factor[], alike: number }} Dissent `alike`: all networks with those levels
 */
/** @typedef {{ norm: string, networks: number, agree: number }} NormVote */
/**
 * @typedef {object} Tally
 * @property {number} networks
 * @property {number} digit of most
 * @property {number} agree
 * @property {NormVote[]} norms
 * @property {Dissent[]} dissents the largest first
 * @property {number[]} means ten mean probabilities
 * @property {Record<string, number[]>} byNorm the same of each norm
 */

/** @type {Factor[]} */
const FACTORS = ["norm", "regulariser", "batch"];
export const DIGITS = 10;

/**
 * @param {ArrayLike<number>} probs ten for each network
 * @param {number} row of a network
 */
export const readOf = (probs, row) => {
  let top = 0;
  for (let digit = 1; digit < DIGITS; digit++)
    if (probs[DIGITS * row + digit] > probs[DIGITS * row + top]) top = digit;
  return top;
};

/**
 * @param {ArrayLike<number>} probs
 * @param {number[]} rows
 */
const sumsOf = (probs, rows) => {
  const sums = Array(DIGITS).fill(0);
  for (const row of rows)
    for (let digit = 0; digit < DIGITS; digit++) sums[digit] += probs[DIGITS * row + digit];
  return sums;
};

/**
 * The digit that most networks read; of tied ones that with the larger sum of probabilities.
 * @param {number[]} reads
 * @param {number[]} sums
 */
const mostOf = (reads, sums) => {
  const votes = Array(DIGITS).fill(0);
  for (const digit of reads) votes[digit]++;
  let best = 0;
  for (let digit = 1; digit < DIGITS; digit++)
    if (votes[digit] > votes[best] || (votes[digit] === votes[best] && sums[digit] >= sums[best]))
      best = digit;
  return best;
};

/**
 * @param {Voter[]} voters
 * @param {number[]} rows of the networks that read this digit
 * @param {number} digit
 * @returns {Dissent}
 */
const dissentOf = (voters, rows, digit) => {
  const first = voters[rows[0]];
  const shared = FACTORS.filter(
    (factor) =>
      rows.every((row) => voters[row][factor] === first[factor]) &&
      voters.some((voter) => voter[factor] !== first[factor]),
  );
  const alike = voters.filter((voter) =>
    shared.every((factor) => voter[factor] === first[factor]),
  ).length;
  return { digit, count: rows.length, first, shared, alike };
};

/**
 * @param {Voter[]} voters that were asked, one or more
 * @param {ArrayLike<number>} probs ten for each of them
 * @returns {Tally}
 */
export const tally = (voters, probs) => {
  const rows = [...voters.keys()];
  const reads = rows.map((row) => readOf(probs, row));
  const sums = sumsOf(probs, rows);
  const digit = mostOf(reads, sums);
  /** @param {number[]} some */
  const agreeing = (some) => some.filter((row) => reads[row] === digit).length;
  const norms = groupBy(rows, (row) => voters[row].norm);
  const others = groupBy(
    rows.filter((row) => reads[row] !== digit),
    (row) => reads[row],
  );
  return {
    networks: rows.length,
    digit,
    agree: agreeing(rows),
    norms: [...norms].map(([norm, some]) => ({
      norm,
      networks: some.length,
      agree: agreeing(some),
    })),
    dissents: [...others]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([other, some]) => dissentOf(voters, some, other)),
    means: sums.map((sum) => sum / rows.length),
    byNorm: Object.fromEntries(
      [...norms].map(([norm, some]) => [norm, sumsOf(probs, some).map((sum) => sum / some.length)]),
    ),
  };
};
