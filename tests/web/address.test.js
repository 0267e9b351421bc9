// Links to views.

import assert from "node:assert/strict";
import { test } from "node:test";

import { imageOf, queryOf, inFragment } from "../../explorer/web/js/address.js";

test("a query leaves out what is empty and joins lists", () => {
  const settings = { norm: ["BN", "LN"], a: "", b: null, c: undefined, d: 0, e: false, f: "own-1" };
  assert.equal(String(queryOf("curves", settings)), "tab=curves&norm=BN%7CLN&d=0&e=false");
});

test("the number of a test image has at most four digits", () => {
  /** @param {string} text */
  const read = (text) => imageOf(new URLSearchParams({ image: text }));
  assert.deepEqual(["0", "9999", "10000", "-1", "1e3", ""].map(read), [
    0,
    9999,
    null,
    null,
    null,
    null,
  ]);
});

test("a drawing or a digit stands in the fragment of a link", () => {
  const settings = { by: "batch", drawing: "0k1111~0k2222" };
  const { query, fragment } = inFragment(queryOf("draw", settings));
  assert.equal(String(query), "tab=draw&by=batch");
  assert.equal(fragment, "#drawing=0k1111~0k2222");
  assert.equal(inFragment(queryOf("draw", { image: 3 })).fragment, "");
  assert.equal(inFragment(queryOf("draw", { digit: "Zg-_" })).fragment, "#digit=Zg-_");
});
