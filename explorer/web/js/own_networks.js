// The networks of this visit: opening them in other tabs, downloading and loading them as files.

import { save, toBase64, toBytes } from "./files.js";
import { openTab } from "./gradio.js";
import { find, make, makeButton } from "./nodes.js";
import { get, set, watch } from "./store.js";

/**
 * @typedef {{ view: "remove" | "file", name: string } | { view: "load", file: string, content: string }} Question
 * @typedef {{ own: import("./store.js").OwnNetwork[] }} Kept
 * @typedef {{ file: string, content: string }} File the content as base64
 */

/**
 * @param {HTMLElement} element
 * @param {number} largest bytes of a file
 * @param {(question: Question) => Promise<import("./server.js").Answer<any>>} ask
 * @param {AbortSignal} signal
 */
export const mountOwnNetworks = (element, largest, ask, signal) => {
  const note = find(element, ".loaded");
  /** @param {import("./server.js").Answer<Kept>} answer */
  const keep = (answer) => {
    note.textContent = answer.error ?? "";
    if (answer.own) set("own", answer.own);
  };
  /** @param {string} name */
  const download = async (name) => {
    /** @type {import("./server.js").Answer<File>} */
    const { error, file, content } = await ask({ view: "file", name });
    if (!file || !content) return keep({ error });
    save(file, new Blob([toBytes(content)], { type: "application/octet-stream" }));
  };
  /** @param {string} name */
  const remove = async (name) => keep(await ask({ view: "remove", name }));
  /**
   * @param {string} tab slug of the tab that is to show a network
   * @param {string} name
   */
  const look = (tab, name) => {
    set("look", { tab, name });
    openTab(tab);
  };

  const paint = () => {
    find(element, ".own .none").hidden = get("own").length > 0;
    const items = get("own").map(({ name, words, accuracy }) => {
      /** @type {[string, () => void][]} */
      const acts = [
        ["Draw", () => openTab("draw")],
        ["Mistakes", () => look("mistakes", name)],
        ["Inside", () => look("inside", name)],
        ["Learning curves", () => openTab("curves")],
        ["Download", () => download(name)],
        ["Remove", () => remove(name)],
      ];
      const item = make("li", "network");
      const actions = make("div", "settings");
      actions.append(...acts.map(([text, act]) => makeButton(text, act, `${text}: ${words}`)));
      item.append(make("b", "", words), make("span", "", ` ${accuracy}`), actions);
      return item;
    });
    find(element, ".own ul").replaceChildren(...items);
  };

  const input = find(element, ".load input", HTMLInputElement);
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    input.value = "";
    if (file.size > largest) {
      const size = largest.toLocaleString("en");
      note.textContent = `${file.name}: larger than ${size} bytes, which no network of this kind is.`;
      return;
    }
    const content = toBase64(new Uint8Array(await file.arrayBuffer()));
    const answer = await ask({ view: "load", file: file.name, content });
    keep(answer);
    if (!answer.error) note.textContent = `Loaded ${file.name}.`;
  });
  watch("own", paint, signal);
  paint();
};
