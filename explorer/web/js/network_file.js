// Files of a trained network, and the lines that load them into PyTorch.

import { say } from "./buttons.js";
import { fill, find, make, makeButton } from "./nodes.js";

const FOLDER = "is-the-difference-real";

/**
 * Four lines for who has the project.
 * @param {string} name of the trial
 * @param {string} source where the project is, or empty
 */
export const projectLines = (name, source) =>
  [
    `import sys; sys.path.insert(0, "${FOLDER}")  # the folder of the project${source && `: git clone ${source} ${FOLDER}`}`,
    "from train import checkpoint, data",
    `trained = checkpoint.load("${name}.safetensors"); network = trained.network()  # a torch.nn.Module`,
    "digits = network(data.normalise(images, trained.setup.pixels)).argmax(1)  # images: a torch.uint8 tensor (B, 28, 28), white on black",
  ].join("\n");

/**
 * Lines for who has PyTorch only.
 * @param {string} name of the trial
 */
export const torchLines = (name) =>
  [
    "import torch",
    `network = torch.jit.load("${name}.pt")  # TorchScript, with the normalisation of the pixels`,
    "digits = network(images).argmax(1)  # images: a torch.uint8 tensor (B, 28, 28), white on black",
  ].join("\n");

/**
 * @param {string} label
 * @param {string} file
 * @param {string} lines
 */
const makeWay = (label, file, lines) => {
  const way = make("div", "way");
  const link = make("a", "", file);
  link.href = `networks/${encodeURIComponent(file)}`;
  link.download = file;
  const title = make("p", "", `${label}: `);
  title.append(link);
  const code = make("pre", "code");
  code.tabIndex = 0;
  code.setAttribute("aria-label", label);
  code.append(make("code", "", lines));
  const copy = makeButton("Copy", async () => {
    try {
      await navigator.clipboard.writeText(lines);
      say("Copied");
    } catch {
      getSelection()?.selectAllChildren(code); // the browser refused the clipboard
      say(matchMedia("(hover: none)").matches ? "Selected: copy it" : "Selected: press Ctrl+C");
    }
  });
  copy.setAttribute("aria-label", `Copy: ${label}`);
  way.append(title, code, copy);
  return way;
};

/**
 * A fold with the files of one network out of several.
 * @param {string[]} names of trials
 * @param {string} source where the project is, or empty
 */
export const makeNetworkFiles = (names, source) => {
  const fold = make("details", "network-files");
  const choice = make("label", "", "Network ");
  const select = make("select");
  const ways = make("div");
  fill(
    select,
    names.map((name) => [name, name]),
  );
  choice.append(select);
  choice.hidden = names.length < 2;
  fold.append(make("summary", "", "Files for PyTorch"), choice, ways);
  const paint = () => {
    const name = select.value;
    ways.replaceChildren(
      makeWay("With this project", `${name}.safetensors`, projectLines(name, source)),
      makeWay("With PyTorch alone", `${name}.pt`, torchLines(name)),
    );
  };
  select.addEventListener("change", paint);
  paint();
  return fold;
};

/**
 * Puts the fold of a network in the place of the one before, open as that was.
 * @param {HTMLElement} place
 * @param {string} name of its trial; empty for a network without a file here
 * @param {string} source
 */
export const showNetworkFiles = (place, name, source) => {
  const isOpen = Boolean(place.querySelector("details")?.open);
  place.replaceChildren(...(name ? [makeNetworkFiles([name], source)] : []));
  if (name) find(place, "details", HTMLDetailsElement).open = isOpen;
};
