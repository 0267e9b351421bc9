// The networks of this visit: opening them in other tabs, downloading and loading them as files.

import { save } from "./files.js";
import { openTab } from "./gradio.js";
import { find, make, makeButton } from "./nodes.js";
import { loadOwn, removeOwn } from "./own_copies.js";
import { get, set, watch } from "./store.js";

/**
 * @param {HTMLElement} element
 * @param {number} largest bytes of a file
 * @param {AbortSignal} signal
 */
export const mountOwnNetworks = (element, largest, signal) => {
  const note = find(element, ".loaded");
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
    find(element, ".own .unkept").hidden = !get("unkept");
    const items = get("own").map(({ name, words, accuracy, trained, file, content }) => {
      const download = () =>
        save(file, new Blob([content.slice()], { type: "application/octet-stream" }));
      /** @type {[string, () => void][]} */
      const acts = [
        ["Draw", () => openTab("draw")],
        ["Mistakes", () => look("mistakes", name)],
        ["Inside", () => look("inside", name)],
        ["Learning curves", () => openTab("curves")],
        ["Download", download],
        ["Remove", () => removeOwn(name)],
      ];
      const item = make("li", "network");
      const actions = make("div", "settings");
      actions.append(...acts.map(([text, act]) => makeButton(text, act, `${text}: ${words}`)));
      const origin = trained ? "trained here" : "the file says so";
      item.append(make("b", "", words), make("span", "", ` ${accuracy}, ${origin}`), actions);
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
    const error = await loadOwn(file).catch(() => "The explorer does not answer. Choose it again.");
    note.textContent = error ?? `Loaded ${file.name}.`;
  });
  watch("own", paint, signal);
  watch("unkept", paint, signal);
  paint();
};
