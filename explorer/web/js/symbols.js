// Symbols of points as SVG paths.

/** @typedef {"circle" | "square" | "diamond" | "triangle" | "pentagon" | "cross" | "star"} Symbol */

/**
 * Corners of a regular polygon, the first on top.
 * @param {number} count
 * @param {number} radius
 * @param {number} [inner] radius of every second corner, of a star
 */
const polygon = (count, radius, inner = radius) =>
  Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / count - Math.PI / 2;
    const reach = index % 2 ? inner : radius;
    return [reach * Math.cos(angle), reach * Math.sin(angle)];
  });

/** @type {Record<string, number[][]>} */
const CORNERS = {
  square: [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ],
  diamond: polygon(4, 1.3),
  triangle: polygon(3, 1.4),
  pentagon: polygon(5, 1.2),
  star: polygon(10, 1.8, 0.8),
};

/**
 * @param {Symbol} symbol
 * @param {number} x
 * @param {number} y
 * @param {number} radius pixels
 */
export const symbolPath = (symbol, x, y, radius) => {
  if (symbol === "circle") {
    const arc = `a${radius} ${radius} 0 1 0`;
    return `M${round(x - radius)} ${round(y)}${arc} ${2 * radius} 0${arc} ${-2 * radius} 0Z`;
  }
  if (symbol === "cross")
    return `M${round(x - radius)} ${round(y)}h${2 * radius}M${round(x)} ${round(y - radius)}v${2 * radius}`;
  const corners = CORNERS[symbol].map(([dx, dy]) => [x + radius * dx, y + radius * dy]);
  return `M${corners.map((corner) => corner.map(round).join(" ")).join("L")}Z`;
};

/** @param {number} value pixels */
export const round = (value) => Math.round(10 * value) / 10;
