// Shares of a set's digits that networks read, by configuration and by norm. explorer/study/set_scores.py computes the same.

/** @typedef {{ name: string, norm: string }} Network its name is that of its configuration */
/** @typedef {{ low: number, high: number }} Interval of a share */
/** @typedef {{ name: string, norm: string, networks: number, share: number, interval: Interval }} Score of a configuration, or of a norm, by its name */

const QUANTILE = 1.959963984540054; // of the standard normal distribution, at 97.5 %

/** Sentence on how a score's interval is to be read. */
export const INTERVAL =
  "Intervals (95 %) say how far the shares may lie with other digits of the same kind; they are wide where there are few digits.";

/**
 * Wilson's 95 % interval of a share of n digits, as `share_interval` of explorer/study/statistics.py has it; there is said why it holds
 * for a mean over networks.
 * @param {number} share
 * @param {number} n
 * @returns {Interval}
 */
export const wilson = (share, n) => {
  const weight = (QUANTILE * QUANTILE) / n;
  const middle = (share + weight / 2) / (1 + weight);
  const half = Math.sqrt(weight * share * (1 - share) + (weight * weight) / 4) / (1 + weight);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
};

/**
 * A share in percent, with more digits where there are more to count.
 * @param {number} share
 * @param {number} n digits of the set
 */
export const percent = (share, n) => {
  const digits = n < 1000 ? 1 : 2;
  const scale = 10 ** digits;
  return (Math.floor(100 * share * scale + 0.5) / scale).toFixed(digits);
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
