// Drawings in links: of each stroke its width, 100 more where it erases, then its points, two base-36 digits a number; "~" joins strokes.

/** @typedef {[number, number]} Point whole pixels of the pad, 0 to 280 */
/** @typedef {{ width: number, points: Point[], erases?: boolean }} Stroke */

export const SIDE = 280; // pixels of the pad
export const LONGEST = 6000; // letters of a drawing in a link
const WRITTEN = /^([0-9a-z]{2}([0-9a-z]{4})+)(~[0-9a-z]{2}([0-9a-z]{4})+)*$/;
const ERASES = 100; // is added to the width; pens are narrower
const GAPS = [0, 2, 4, 8, 16]; // pixels between the points that are kept

/** @param {number[]} values */
const write = (values) =>
  values
    .map((value) => Math.round(Math.max(0, Math.min(SIDE, value))))
    .map((value) => value.toString(36).padStart(2, "0"))
    .join("");

/**
 * Points of a stroke that lie at least `gap` pixels apart, and its last.
 * @param {Point[]} points
 * @param {number} gap
 */
const thin = (points, gap) => {
  let last = points[0];
  return points.filter((point, index) => {
    const isFar = !index || Math.hypot(point[0] - last[0], point[1] - last[1]) >= gap;
    if (isFar) last = point;
    return isFar || index === points.length - 1;
  });
};

/**
 * Strokes as text, with as many points as `LONGEST` holds; undefined where the fewest are too many.
 * @param {Stroke[]} strokes
 */
export const toText = (strokes) =>
  GAPS.map((gap) =>
    strokes
      .map(({ width, points, erases }) =>
        write([width + (erases ? ERASES : 0), ...thin(points, gap).flat()]),
      )
      .join("~"),
  ).find((text) => text.length <= LONGEST);

/**
 * Strokes written in a text, or null where it holds none.
 * @param {string} text
 * @returns {Stroke[] | null}
 */
export const toStrokes = (text) => {
  if (text.length > LONGEST || !WRITTEN.test(text)) return null;
  return text.split("~").map((part) => {
    const [width, ...flat] = (part.match(/../g) ?? []).map((pair) => parseInt(pair, 36));
    /** @type {Point[]} */
    const points = [];
    for (let at = 0; at < flat.length; at += 2) points.push([flat[at], flat[at + 1]]);
    return width > ERASES ? { width: width - ERASES, points, erases: true } : { width, points };
  });
};
