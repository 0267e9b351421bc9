// Tables as CSV, and bytes as text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { csv, toBase64, toBytes, toDigit, toDigitText } from "../../explorer/web/js/files.js";

test("every cell is quoted, quotes are doubled, and what is missing is empty", () => {
  const text = csv({
    headers: ["a", 'b "c"'],
    data: [
      ["1,5", null],
      ["two\nlines", 0],
    ],
  });
  assert.equal(text, '"a","b ""c"""\r\n"1,5",""\r\n"two\nlines","0"');
});

test("no cell is a formula of a spreadsheet, and numbers stay numbers", () => {
  const cells = [
    "=1+1",
    "+A1",
    "-A1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "-1",
    "+2.5e-3",
    -0.5,
    "1-2",
    "-",
    "-.5",
  ];
  const [, line] = csv({ headers: [], data: [cells] }).split("\r\n");
  assert.equal(
    line,
    `"'=1+1","'+A1","'-A1","'@SUM(1)","'\t=1","'\r=1","-1","+2.5e-3","-0.5","1-2","'-","-.5"`,
  );
});

test("bytes come back as they were", () => {
  const bytes = Uint8Array.from(Array(256).keys());
  assert.deepEqual(toBytes(toBase64(bytes)), bytes);
});

test("a digit goes through a link unchanged, and what is none is null", () => {
  const digit = Uint8Array.from({ length: 784 }, (_, at) => (7 * at) % 256);
  const text = toDigitText(digit);
  assert.match(text, /^[\w-]{1046}$/);
  assert.deepEqual(toDigit(text), digit);
  for (const none of ["", text.slice(1), `${text}A`, "A".repeat(1046), "!".repeat(1046)])
    assert.equal(toDigit(none), null);
});
