// Definitions of terms by words as they stand in sentences.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { createElement: () => ({ setAttribute() {} }) };
const { definitionOf } = await import("../../explorer/web/js/glossary.js");

test("a word has the definition of its term, of its singular too, and no other", () => {
  const terms = new Map([
    ["seed", "a number"],
    ["batch size", "images of a step"],
    ["penalty", "a term of the loss"],
  ]);
  assert.equal(definitionOf(terms, " Seeds "), "a number");
  assert.equal(definitionOf(terms, "batch sizes"), "images of a step");
  assert.equal(definitionOf(terms, "penalties"), "a term of the loss");
  assert.equal(definitionOf(terms, "loss"), undefined);
});
