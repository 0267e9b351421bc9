// Sentences on a test of the visitor's hand.

import { fewest, isDivided, LEVEL } from "./hand_score.js";

/** @typedef {import("./hand_score.js").Score} Score */
/** @typedef {import("./hand_score.js").Digit} Digit */
/** @typedef {import("./hand_score.js").Pair} Pair */

export const HIDDEN =
  "What the networks read stays hidden until the end: a hand that sees the answer adapts to it.";

/** @param {string[]} names */
const listed = (names) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : names[0];

/** @param {number} n */
const digits = (n) => (n === 1 ? "1 digit" : `${n} digits`);

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)} %`;

/** Digits of n that a share is: "9.4". @param {number} share @param {number} n */
export const readOfAll = (share, n) => (share * n).toFixed(1);

/** @param {import("./set_scores.js").Interval} interval */
export const between = ({ low, high }) => `${Math.round(100 * low)} to ${Math.round(100 * high)} %`;

/**
 * The task: "3 of 10" and "draw a 7".
 * @param {import("./hand_test.js").HandTest} test
 */
export const task = ({ at, asked, digit }) => ({
  progress: digit === null ? `Digit ${at + 1}` : `${at + 1} of ${asked.length}`,
  wish: digit === null ? "draw any digit" : `draw ${digit === 8 ? "an" : "a"} ${digit}`,
});

/** Sentence on how the visitor goes on. @param {import("./hand_test.js").HandTest} test */
export const waysOn = ({ isFree }) =>
  isFree
    ? "Draw a digit, then say which one you meant: by its button, or its key."
    : "Draw the digit as you write it. Next, or Enter, goes on.";

/**
 * @param {import("./set_scores.js").Score} norm
 * @param {number} n
 */
export const normScore = ({ name, share, interval: { low, high } }, n) =>
  `Of ${digits(n)} ${name} read ${readOfAll(share, n)} on average; with other digits of your hand between ${percent(low)} and ${percent(high)}.`;

/**
 * "your 4 (digit 12; 62 % read it)": the place is said where several digits have the label.
 * @param {Digit[]} all
 * @param {Digit} one
 * @param {string[]} notes
 */
const yours = (all, one, ...notes) => {
  const isAlone = all.filter(({ label }) => label === one.label).length === 1;
  const said = [...(isAlone ? [] : [`digit ${all.indexOf(one) + 1}`]), ...notes];
  return `your ${one.label}${said.length ? ` (${said.join("; ")})` : ""}`;
};

/** @param {Score} score */
export const dividing = ({ digits: all }) => {
  const divided = all.filter(isDivided);
  if (!divided.length)
    return "No digit divided the networks: each was read by more than nine tenths of them or by fewer than one tenth.";
  const each = divided.map((digit) => {
    const { all: count, other } = digit;
    const share = `${percent(count.read / count.networks)} read it`;
    const rest = other ? `, ${percent(other.networks / count.networks)} read ${other.digit}` : "";
    return yours(all, digit, share + rest);
  });
  return `Divided the networks: ${listed(each)}.`;
};

/** @param {Score} score */
export const unread = ({ digits: all }) => {
  const missed = all.filter(({ all: { read } }) => !read);
  if (!missed.length) return "Each digit was read by some network.";
  const each = missed.map((digit) =>
    yours(all, digit, ...(digit.other ? [`most read ${digit.other.digit}`] : [])),
  );
  return `Nobody read ${listed(each)}.`;
};

/** Sentence on how strange the digits are to MNIST. @param {Score} score */
export const look = ({ digits: all }) => {
  const measured = all.filter(({ strange }) => strange);
  if (!measured.length) return "";
  /** @param {Digit} digit */
  const below = ({ strange }) => /** @type {{ below: number }} */ (strange).below;
  const order = measured.toSorted((a, b) => below(a) - below(b));
  const middle =
    (below(order[Math.floor((order.length - 1) / 2)]) + below(order[order.length >> 1])) / 2;
  const [last] = order.slice(-1);
  const strangest =
    order.length > 1
      ? `; the strangest, ${yours(all, last)}, than ${below(last).toFixed(1)} %`
      : "";
  return `By PCA reconstruction error the median of your digits is stranger than ${Math.round(middle)} % of MNIST's${strangest}.`;
};

/** Whether the norms are shown to differ. @param {Score} score */
export const normsDiffer = ({ n, settings, pairs }) => {
  if (!pairs.length) return "";
  const shown = pairs.filter(({ p }) => p < LEVEL);
  const where = `at the ${settings} settings of penalty and batch size that all norms have`;
  if (shown.length) {
    const each = shown.map(({ norms, shares, differing, p }) => {
      const [more, less] = shares[0] >= shares[1] ? [0, 1] : [1, 0];
      const counts = `${readOfAll(shares[more], n)} against ${readOfAll(shares[less], n)}`;
      return `${norms[more]} read more than ${norms[less]} (${counts}; they differ on ${digits(differing)}, p = ${p.toFixed(3)})`;
    });
    return `The norms differ on your digits: ${where}, ${listed(each)}. Exact paired test, corrected for ${pairs.length === 1 ? "one pair" : `${pairs.length} pairs`}.`;
  }
  const alike = "All networks read the same digits, so norms are compared digit by digit";
  if (pairs.every(({ differing }) => !differing))
    return `The norms are not shown to differ. ${alike}: ${where}, they read your ${digits(n)} alike. With so few, that shows no equality.`;
  const each = pairs.map(({ norms, differing }) => `${listed(norms)} on ${differing}`);
  const least = fewest(pairs.length);
  const reason =
    Math.max(...pairs.map(({ differing }) => differing)) < least
      ? `with fewer than ${least} nothing can be shown`
      : `the smallest p is ${Math.min(...pairs.map(({ p }) => p)).toFixed(2)}`;
  return `The norms are not shown to differ. ${alike}: ${where}, of ${n} they differ: ${listed(each)} (exact paired test; ${reason}).`;
};

/** @type {Record<import("./hand_test.js").Kind, string>} */
export const KIND_WORDS = { 10: "10 digits", 20: "20 digits", free: "Any digits" };

/**
 * Configurations, the best first.
 * @param {Score} score
 * @returns {import("./files.js").Table}
 */
export const configurationTable = ({ n, configurations }) => ({
  headers: ["configuration", "networks", `read of ${n}`, "with other digits"],
  data: configurations
    .toSorted((a, b) => b.share - a.share)
    .map(({ name, networks, share, interval }) => [
      name,
      networks,
      readOfAll(share, n),
      between(interval),
    ]),
});

/**
 * Digits, as they were drawn.
 * @param {Score} score
 * @returns {import("./files.js").Table}
 */
export const digitTable = ({ digits: all, norms }) => ({
  headers: [
    "digit",
    "read by",
    ...norms.map(({ name }) => name),
    "most others read",
    "reconstruction error",
    "of MNIST's have less",
  ],
  data: all.map(({ label, all: count, norms: counts, other, strange }) => [
    label,
    `${count.read} of ${count.networks}`,
    ...norms.map(({ name }) => {
      const { read = 0, networks = 0 } = counts.get(name) ?? {};
      return `${read} of ${networks}`;
    }),
    other ? `${other.digit} (${other.networks})` : "",
    strange ? strange.value.toFixed(1) : "",
    strange ? `${strange.below.toFixed(1)} %` : "",
  ]),
});
