// Words of a data set: those of its images in the place of "digit".

import assert from "node:assert/strict";
import { test } from "node:test";

import { dataSet, inWords, nameOf } from "../../explorer/web/js/data_set.js";

test("without a word in the page's head the data set is MNIST", () => {
  assert.equal(dataSet().name, "MNIST");
  assert.equal(nameOf(7), "7");
});

test("digits become pictures, whole words only, with their capitals", () => {
  const words = { noun: "picture", nouns: "pictures" };
  assert.equal(
    inWords("Digit 1: which digits, or a digit's maps?", words),
    "Picture 1: which pictures, or a picture's maps?",
  );
  assert.equal(inWords("Digits digital", words), "Pictures digital");
  assert.equal(inWords("nothing", words), "nothing");
});
