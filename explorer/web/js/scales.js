// Scales of charts: numbers to pixels, and the words of their ticks.

/**
 * A number with two digits, a small one as a power of ten: 0.012, 4.2e-5.
 * @param {number} value
 */
export const brief = (value) => {
  const rounded = Number(value.toPrecision(2));
  return rounded && Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
};

/**
 * A number with as many digits as tell numbers of that range apart: 97.6, 97.8, 98.
 * @param {number} value
 * @param {number} range
 */
export const apart = (value, range) => {
  const digits = 1 - Math.floor(Math.log10(range || 1));
  return String(Number(value.toFixed(Math.max(0, Math.min(6, digits)))));
};

/**
 * A scale from `from` to `to` onto pixels; with `log` a logarithmic one. Where both ends are equal, the value lies in the middle.
 * @param {{ from: number, to: number, log?: boolean }} ends
 * @param {{ first: number, last: number }} pixels
 */
export const scaleOf = ({ from, to, log = false }, { first, last }) => {
  const isFlat = from === to;
  const low = isFlat ? (log ? from / 2 : from - 1) : from;
  const high = isFlat ? (log ? 2 * to : to + 1) : to;
  /** @param {number} value */
  const linear = (value) => (log ? Math.log10(value) : value);
  const reach = linear(high) - linear(low) || 1;
  return {
    low,
    high,
    middle: log ? Math.sqrt(low * high) : (low + high) / 2,
    /** @param {number} value */
    has: (value) => Number.isFinite(linear(value)),
    /** @param {number} value */
    at: (value) => first + ((last - first) * (linear(value) - linear(low))) / reach,
  };
};

/**
 * The smallest and largest of the values that a scale can show; default ends where there are no values.
 * @param {(number | null)[]} values
 * @param {boolean} log
 */
export const endsOf = (values, log) => {
  const shown = values.flatMap((value) =>
    value !== null && Number.isFinite(log ? Math.log10(value) : value) ? [value] : [],
  );
  return shown.length ? [Math.min(...shown), Math.max(...shown)] : [log ? 0.1 : 0, 1];
};

/**
 * Round numbers within a range: steps of 1, 2 or 5 times a power of ten; on a logarithmic axis over a decade or more the
 * powers themselves, with their 2- and 5-fold where there is room.
 * @param {number} low
 * @param {number} high
 * @param {boolean} log
 * @param {number} count about so many
 * @returns {number[]}
 */
export const roundTicks = (low, high, log, count) => {
  const decades = log ? Math.log10(high / low) : 0;
  if (decades >= 1) {
    const factors = decades * 3 <= count ? [1, 2, 5] : [1];
    const powers = Array.from(
      { length: Math.ceil(decades) + 2 },
      (_, index) => Math.floor(Math.log10(low)) + index,
    );
    return powers
      .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
      .filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
};
