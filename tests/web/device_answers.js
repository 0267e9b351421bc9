// Answers of the device's core to the questions of tests/web/on_device.py, run by node: the same module and code as in the page's worker.
//
// node device_answers.js FOLDER: reads questions.json and pictures.bin there, writes answers.json and binary files.

import { readFileSync, writeFileSync } from "node:fs";
import { Core } from "../../explorer/web/js/device_core.js";

const folder = process.argv[2];
const { files, side, questions, first, kind, added } = JSON.parse(
  readFileSync(`${folder}/questions.json`, "utf8"),
);
const pictures = new Uint8Array(readFileSync(`${folder}/pictures.bin`));

const inbox = [];
const core = new Core(
  async (address) => new Uint8Array(readFileSync(`${folder}/${address.replace("/", "-")}`)),
  (message) => inbox.push(message),
);
await core.take({ kind: "open", ...files });
for (const [name, weights] of Object.entries(added))
  await core.take({ kind: "add", name, weights });
const opened = inbox.splice(0);

const answers = [];
const [seen, probs] = [[], []];
for (const [id, lab] of questions.entries()) {
  const pixels = pictures.slice(id * side * side, (id + 1) * side * side);
  await core.take({ kind, id, first, pixels, isDigit: side === 28, lab });
  const answer = inbox.pop();
  if (answer.kind === "answer") {
    seen.push(answer.seen);
    probs.push(answer.probs);
    for (const { probs: others } of answer.added) probs.push(others);
  }
  answers.push({ ...answer, seen: null, probs: null });
}
writeFileSync(
  `${folder}/answers.json`,
  JSON.stringify({ opened, answers, memory: core.memoryBytes }),
);
writeFileSync(`${folder}/seen.bin`, Buffer.concat(seen));
writeFileSync(
  `${folder}/probs.bin`,
  Buffer.concat(probs.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength))),
);
