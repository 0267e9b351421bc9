// Votes by the values of a factor, and by the digit that is read.

/** @typedef {{ name: string, trial: string, norm: string, regulariser: string, batch: number, seed: number }} Voter */
/** @typedef {"norm" | "regulariser" | "batch" | "name"} Factor */

/**
 * Indices by key, the keys in the order of their first index.
 * @template K
 * @param {number[]} indices
 * @param {(index: number) => K} keyOf
 * @returns {Map<K, number[]>}
 */
export const groupBy = (indices, keyOf) => {
  /** @type {Map<K, number[]>} */
  const groups = new Map();
  for (const index of indices) {
    const key = keyOf(index);
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  }
  return groups;
};

/**
 * Indices, among all voters, of some by a factor's values; batch sizes ascend, other values come as the voters do.
 * @param {Voter[]} voters all
 * @param {number[]} indices
 * @param {Factor} factor
 * @returns {[string | number, number[]][]}
 */
export const groupsOf = (voters, indices, factor) => {
  const groups = [...groupBy(indices, (index) => voters[index][factor])];
  return factor === "batch" ? groups.sort(([a], [b]) => Number(a) - Number(b)) : groups;
};

/**
 * Indices of voters by the digit that each voter reads, the digit with most votes first.
 * @param {number[]} indices
 * @param {(index: number) => number} readOf
 * @returns {[number, number[]][]}
 */
export const readings = (indices, readOf) =>
  [...groupBy(indices, readOf)].sort(([, a], [, b]) => b.length - a.length);
