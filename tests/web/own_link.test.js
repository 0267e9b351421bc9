// Links that hold a visitor's own numbers in their fragment.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  fragmentOf,
  linkedFragment,
  OPEN,
  readFragment,
  settingsOf,
} from "../../explorer/web/js/own_link.js";

const TEXT = 'a, b\t"c & d" 100 %\n1,5\t-2e+3\n#7\t=8;9';
const CHOSEN = {
  ...OPEN,
  margin: 0.5,
  paired: true,
  deviation: "ours",
  names: { "a, b": "x&y=z#" },
  groups: { run1: "" },
  columns: ["a, b"],
};

test("text and settings come back from a fragment as they were", () => {
  const fragment = fragmentOf(TEXT, CHOSEN);
  assert.deepEqual(readFragment(`#${fragment}`), { text: TEXT, settings: CHOSEN });
  assert.equal(new URL(`https://a.b/?tab=compare#${fragment}`).hash, `#${fragment}`);
  assert.equal(fragmentOf("1 2", OPEN), "numbers=1+2");
});

test("a fragment may have other keys, or no numbers", () => {
  const fragment = `#drawing=abc&${fragmentOf(TEXT, CHOSEN)}&more=1`;
  assert.deepEqual(readFragment(fragment), { text: TEXT, settings: CHOSEN });
  for (const other of ["", "#", "#drawing=abc", "#numbers="])
    assert.equal(readFragment(other), null);
});

test("a damaged setting is left open, and so are all of a link that was cut off", () => {
  const record = { margin: "0.5", paired: 1, names: { a: 1 }, columns: "a", unit: "s", other: 2 };
  assert.deepEqual(settingsOf(record), { ...OPEN, unit: "s" });
  const cut = fragmentOf(TEXT, CHOSEN).slice(0, -9);
  assert.deepEqual(readFragment(`#${cut}`), { text: TEXT, settings: OPEN });
});

test("a setting with the name of what every object has is left out", () => {
  const record = JSON.parse('{"__proto__": {"a": "b"}, "constructor": "x", "unit": "s"}');
  assert.deepEqual(settingsOf(record), { ...OPEN, unit: "s" });
});

const JUDGED = {
  columns: [
    { trial: "new\tname", accuracies: [10.1, 100 * 0.289], resolution: 0.01 },
    { trial: "b", accuracies: [3], resolution: 1 },
  ],
  higher_is_better: false,
  found: { kind: "columns", measures: ["a", "b"], labels: [], left_out: [], reduction: null },
};
const FILES = [{ name: "runs.csv", text: "x".repeat(500) }];
const QUESTION = { ...CHOSEN, unit: "fraction", files: FILES };
const SHORT = {
  text: "new name\tb\n10.10\t3\n28.90\t",
  settings: {
    ...OPEN,
    unit: "percent",
    margin: 0.5,
    paired: true,
    deviation: "ours",
    higher_is_better: false,
  },
};
/** @param {Partial<typeof QUESTION>} question @param {object} found @param {number} room */
const linked = (question, found, room) => {
  const judged = { ...JUDGED, found: { ...JUDGED.found, ...found } };
  return linkedFragment({ ...QUESTION, ...question }, judged, room);
};

test("a link holds the text where it fits, else the columns, else nothing", () => {
  const whole = fragmentOf(FILES[0].text, { ...CHOSEN, unit: "fraction" });
  assert.equal(linked({}, {}, 1000), whole);
  assert.deepEqual(readFragment(String(linked({}, {}, 300))), SHORT);
  assert.deepEqual(readFragment(String(linked({ files: [FILES[0], FILES[0]] }, {}, 5000))), SHORT);
  assert.equal(linked({}, {}, 50), null);
});

test("a link holds no column that was not judged", () => {
  for (const found of [
    { kind: "wandb runs" },
    { measures: ["a", "b", "c"] },
    { labels: ["user"] },
    { left_out: ["notes"] },
  ])
    assert.deepEqual(readFragment(String(linked({}, found, 5000))), SHORT);
});

test("a link to columns says what was taken of each run", () => {
  const found = { kind: "wandb chart", reduction: "best" };
  assert.deepEqual(readFragment(String(linked({}, found, 5000))), {
    text: SHORT.text,
    settings: { ...SHORT.settings, reduction: "best" },
  });
});
