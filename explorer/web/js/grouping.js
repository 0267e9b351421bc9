// Votes by the values of a factor, and by the digit that is read.

/** @typedef {{ name: string, norm: string, hue: string, regulariser: string, batch: number, seed: number }} Voter */
/** @typedef {"norm" | "regulariser" | "batch" | "name"} Factor */

/**
 * Indices by key, the keys in the order of their first index.
 * @template K
 * @param {number[]} indices
 * @param {(index: number) => K} keyOf
 * @returns {Map<K, number[]>}
 */
const groupBy = (indices, keyOf) => {
  const groups = new Map();
  for (const index of indices) {
    const key = keyOf(index);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  return groups;
};

/**
 * Indices of voters by a factor's values; batch sizes ascend, other values come as the voters do.
 * @param {Voter[]} voters
 * @param {Factor} factor
 * @returns {[string | number, number[]][]}
 */
export const groupsOf = (voters, factor) => {
  const groups = [...groupBy([...voters.keys()], (index) => voters[index][factor])];
  return factor === "batch" ? groups.sort(([a], [b]) => Number(a) - Number(b)) : groups;
};

/**
 * Indices of voters by the digit that each voter reads, the digit with most votes first.
 * @param {number[]} indices
 * @param {number[]} digits of all voters
 * @returns {[number, number[]][]}
 */
export const readings = (indices, digits) =>
  [...groupBy(indices, (index) => digits[index])].sort(([, a], [, b]) => b.length - a.length);
