// Files that a visitor keeps, and bytes as text.

/** @typedef {{ headers: (string | number)[], data: unknown[][] }} Table */

/**
 * Text of a cell that no spreadsheet takes for a formula: with an apostrophe before what would begin one, but for numbers.
 * @param {unknown} cell
 */
const literal = (cell) => {
  const text = String(cell ?? "");
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    ? `'${text}`
    : text;
};

/**
 * A table as CSV (RFC 4180), each cell quoted.
 * @param {Table} table
 */
export const csv = ({ headers, data }) => {
  /** @param {unknown} cell */
  const quote = (cell) => `"${literal(cell).replaceAll('"', '""')}"`;
  return [headers, ...data].map((row) => row.map(quote).join(",")).join("\r\n");
};

/**
 * @param {string} name without its ending
 * @param {Table} table
 */
export const saveCsv = (name, table) =>
  save(`${name}.csv`, new Blob(["\ufeff", csv(table), "\r\n"], { type: "text/csv" }));

/**
 * @param {string} name
 * @param {Blob} blob
 */
export const save = (name, blob) => {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
};

/** @param {string} base64 */
export const toBytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/**
 * A digit of 784 grey levels as letters for a link (base64url, RFC 4648).
 * @param {Uint8Array} pixels
 */
export const toDigitText = (pixels) =>
  toBase64(pixels).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/**
 * The digit that letters of a link hold, or null where there is none or it is blank.
 * @param {string} text
 */
export const toDigit = (text) => {
  if (!/^[\w-]{1046}$/.test(text)) return null;
  const pixels = toBytes(`${text.replaceAll("-", "+").replaceAll("_", "/")}==`);
  return pixels.some(Boolean) ? pixels : null;
};

/** @param {Iterable<number>} bytes */
export const toBase64 = (bytes) => {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
};
