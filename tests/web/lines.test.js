// Lines of the table of results: selection, order and links; and the index of a pair.

import assert from "node:assert/strict";
import { test } from "node:test";

import { linksOf, orderText, select, sort } from "../../explorer/web/js/lines.js";
import { fillIn, indexOf } from "../../explorer/web/js/pairs.js";

const line = (changes) => ({
  ...{
    config: "a",
    name: "GN, batch 16",
    norm: "GN",
    regulariser: "none",
    l1: 0,
    l2: 0,
    batch: 16,
  },
  ...{ rate: 0.04104, other: [], studies: ["grid"], trials: ["a_seed=1"], seeds: 10, state: "" },
  ...{ mean: 99.4, low: 99.3, high: 99.5, shown: true, row: null, published: null },
  ...{ run: "a", run_mean: 99.4, ...changes },
});
const ANY = { norm: "", penalty: "", batch: "", study: "", search: "" };
const LINES = [
  line({ config: "a", mean: 99.4 }),
  line({ config: "b", mean: 99.3, norm: "BN", regulariser: "L1", name: "BN, L1 0.0001, batch 16" }),
  line({ config: "c", mean: 9.8, shown: false, state: "collapsed", row: 2, published: 99.32 }),
  line({
    config: "d",
    mean: 99.2,
    batch: 128,
    row: 1,
    published: 99.31,
    studies: ["published", "grid"],
  }),
];
const configs = (lines) => lines.map(({ config }) => config).join("");

test("filters and the words of a search all have to fit", () => {
  assert.equal(configs(select(LINES, ANY)), "abcd");
  assert.equal(configs(select(LINES, { ...ANY, norm: "BN" })), "b");
  assert.equal(configs(select(LINES, { ...ANY, penalty: "none", batch: "16" })), "ac");
  assert.equal(configs(select(LINES, { ...ANY, study: "published" })), "d");
  assert.equal(configs(select(LINES, { ...ANY, search: " l1  BATCH" })), "b");
  assert.equal(configs(select(LINES, { ...ANY, search: "row published" })), "d");
  assert.equal(configs(select(LINES, { ...ANY, search: "row 1" })), "d"); // not batch 16
});

test("what has no value comes after what has one, and what is off the axis last", () => {
  assert.equal(configs(sort(LINES, { key: "mean", isDescending: true })), "abdc");
  assert.equal(configs(sort(LINES, { key: "mean", isDescending: false })), "dbac");
  assert.equal(configs(sort(LINES, { key: "published", isDescending: true })), "dabc");
  assert.equal(configs(sort(LINES, { key: "batch", isDescending: true })), "dabc");
  assert.equal(orderText({ key: "l1", isDescending: true }), "-l1");
});

test("a line leads to its curves, its mistakes, its twin and the best", () => {
  const links = Object.fromEntries(linksOf(line({ config: "b", run: "a" }), line({ config: "c" })));
  assert.equal(links["its mistakes"], "?tab=mistakes&trial=a_seed%3D1");
  assert.match(links["its curves"], /norm=GN&regulariser=none&batch=16&study=grid&rate=0.04104$/);
  assert.equal(links["with and without its penalty"], "?tab=compare&a=b&b=a");
  assert.equal(links["against the best"], "?tab=compare&a=b&b=c");
  assert.equal(linksOf(LINES[0], LINES[0]).length, 2);
  assert.deepEqual(linksOf(line({ trials: [] }), LINES[0]), []);
});

test("pairs are counted row by row, and sentences are filled", () => {
  const found = [];
  for (let first = 0; first < 4; first++)
    for (let second = first + 1; second < 4; second++) found.push(indexOf(first, second, 4));
  assert.deepEqual(found, [0, 1, 2, 3, 4, 5]);
  assert.equal(
    fillIn("{a} beats {b} by {gap}", { a: "X", b: "{a}", gap: "1" }),
    "X beats {a} by 1",
  );
});
