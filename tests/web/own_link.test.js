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

test("a link holds the text where it fits, else the columns, else nothing", () => {
  const columns = [
    { trial: "new\tname", accuracies: [10.1, 100 * 0.289] },
    { trial: "b", accuracies: [3] },
  ];
  const files = [{ name: "runs.csv", text: "x".repeat(500) }];
  const question = { ...CHOSEN, unit: "fraction", files };
  assert.equal(
    linkedFragment(question, columns, 1000),
    fragmentOf(files[0].text, { ...CHOSEN, unit: "fraction" }),
  );
  const expected = {
    text: "new name\tb\n10.1\t3\n28.9\t",
    settings: { ...OPEN, unit: "percent", margin: 0.5, paired: true, deviation: "ours" },
  };
  assert.deepEqual(readFragment(String(linkedFragment(question, columns, 300))), expected);
  const several = { ...question, files: [files[0], files[0]] };
  assert.deepEqual(readFragment(String(linkedFragment(several, columns, 5000))), expected);
  assert.equal(linkedFragment(question, columns, 50), null);
});
