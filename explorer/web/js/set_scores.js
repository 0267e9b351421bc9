// Shares of a set's digits that networks read, by configuration and by norm. explorer/study/set_scores.py computes the same.

/** @typedef {{ name: string, norm: string }} Network its name is that of its configuration */
/** @typedef {{ low: number, high: number }} Interval of a share */
/** @typedef {{ name: string, norm: string, networks: number, share: number, interval: Interval }} Score of a configuration, or of a norm, by its name */

const QUANTILE = 1.959963984540054; // of the standard normal distribution, at 97.5 %

/** How a score's interval is to be read. */
export const INTERVAL =
  "Intervals (95 %) say how far the shares may lie with other digits of the same kind; they are wide where there are few digits.";

/**
 * Wilson's 95 % interval of a share of n digits (1927, doi 10.1080/01621459.1927.10502953).
 *
 * For a mean over networks it is at least as wide as the spread between digits asks for: where networks disagree, a digit's share
 * of readers lies between 0 and 1, and varies less than a hit or miss does.
 * @param {number} share
 * @param {number} n
 * @returns {Interval}
 */
export const wilson = (share, n) => {
  const weight = QUANTILE ** 2 / n;
  const middle = (share + weight / 2) / (1 + weight);
  const half = Math.sqrt(weight * share * (1 - share) + weight ** 2 / 4) / (1 + weight);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
};

/**
 * Scores of the norms and of the configurations, in the networks' order: means over their networks, one per seed.
 * @param {Network[]} networks
 * @param {ArrayLike<number>} counts digits that each network reads
 * @param {number} n digits of the set
 * @returns {{ norms: Score[], configurations: Score[] }}
 */
export const scores = (networks, counts, n) => {
  /** @param {(network: Network) => string} key */
  const by = (key) => {
    /** @type {Map<string, number[]>} */
    const groups = new Map();
    networks.forEach((network, place) => {
      const name = key(network);
      groups.set(name, [...(groups.get(name) ?? []), place]);
    });
    return [...groups].map(([name, places]) => {
      const read = places.reduce((sum, place) => sum + counts[place], 0);
      const share = read / (places.length * n);
      const { norm } = networks[places[0]];
      return { name, norm, networks: places.length, share, interval: wilson(share, n) };
    });
  };
  return { norms: by(({ norm }) => norm), configurations: by(({ name }) => name) };
};
