// Mistakes: grids of digits, what is read as what, and the page of one image.

import { chooseLinked, imageOf, linked } from "./address.js";
import { dataSet, nameOf } from "./data_set.js";
import { saveCsv } from "./files.js";
import { openTab, titleOf } from "./gradio.js";
import { showNetworkFiles } from "./network_file.js";
import { fillNetworks, offerOwn, reveal } from "./networks.js";
import {
  countAnswer,
  digitOptions,
  fill,
  find,
  findAll,
  make,
  makeButton,
  makePicture,
} from "./nodes.js";
import { saveView } from "./picture.js";
import { answerTo } from "./server.js";
import { receive, set } from "./store.js";
import { copyLink, leaving, noteView, restoring } from "./views.js";

/** @typedef {"one" | "two" | "seeds" | "all"} View whose mistakes: of one network, two, all seeds of two configurations, or all */
/** @typedef {{ view: View, trial: string, other: string, label: number | null, read: number | null, kind: string, a: string, b: string, table?: true }} ViewQuestion */
/** @typedef {ViewQuestion | { view: "image", index: number } | { view: "summary" }} Question */
/** @typedef {{ index: number, caption: string, share: string, means: string, flagged: boolean }} Missed */
/** @typedef {{ words: string, sprite: string, images: Missed[] }} Grid */
/** @typedef {{ parts: Grid[], matrix: number[][] | null }} Grids */
/**
 * One test image.
 * @typedef {object} TestImage
 * @property {number} index
 * @property {number} label
 * @property {number} networks
 * @property {string} studies
 * @property {number} missing networks that miss it
 * @property {Record<string, { value: string | number, reads: Record<string, number> }[]>} groups by factor
 * @property {Record<string, number> | null} reviews of its label
 * @property {string} sprite
 */
/** @typedef {{ trials: import("./networks.js").Choice[], configurations: [string, string][], kinds: string[], nothing: string, source: string }} Props `source`: where the project is, or empty */

/** @type {Record<View, string[]>} */
const SETTINGS = {
  one: ["trial", "label", "read"],
  two: ["trial", "other"],
  seeds: ["a", "b"],
  all: ["kind"],
};
/** @type {Record<string, string>} */
const FACTORS = { norm: "by norm", regulariser: "by regulariser", batch_size: "by batch size" };

/** @param {Grid} grid */
const makeGrid = ({ words, sprite, images }) => {
  const grid = make("div", "grid");
  images.forEach(({ index, caption, share, means, flagged }, place) => {
    const button = make("button", flagged ? "flagged" : "");
    const reads = caption.replace("\u2192", "read as");
    button.type = "button";
    button.dataset.index = String(index);
    button.append(make("span", "spoken", `image ${index}: ${reads}, ${means}`));
    button.title = means;
    const seen = [make("b", "", caption), make("small", "", share)];
    for (const words of seen) words.setAttribute("aria-hidden", "true"); // said in full already
    button.append(makePicture(sprite, place, 56), ...seen);
    grid.append(button);
  });
  const part = make("section", "part");
  part.append(make("p", "words", words), grid);
  return part;
};

/**
 * The window of one test image.
 * @param {HTMLElement} element
 * @param {(index: number) => Promise<import("./server.js").Answer<TestImage>>} askImage
 * @param {(isNew: boolean) => void} changed
 */
const mountWindow = (element, askImage, changed) => {
  const dialog = find(element, ".image", HTMLDialogElement);
  let index = 0;
  let isNewest = false; // in the history, because it was opened here
  let lastWanted = 0;
  /** @param {TestImage} image */
  const paint = ({ sprite, label, missing, networks, studies, reviews, groups }) => {
    find(dialog, ".digit").replaceChildren(makePicture(sprite, 0, 112, `Image ${index}`));
    find(dialog, "h3").textContent =
      `Image ${index}, labelled ${nameOf(label)}: ${missing} of ${networks} networks of ${studies} miss it`;
    find(dialog, ".reviews").textContent = reviews
      ? `A validated label error: of 5 reviewers ${reviews.votes_given} chose ${reviews.given_label}, ` +
        `${reviews.votes_suspected} chose ${reviews.suspected_label}, ${reviews.votes_neither_or_both} neither or both.`
      : "";
    const tables = Object.entries(groups).map(([factor, levels]) => {
      const table = make("table");
      table.append(make("caption", "", FACTORS[factor]));
      for (const { value, reads } of levels) {
        const counts = Object.entries(reads).sort(([, a], [, b]) => b - a);
        const text = counts
          .map(([digit, count]) => `${count} read ${nameOf(Number(digit))}`)
          .join(", ");
        const line = make("tr");
        line.append(make("th", "", value), make("td", "", text));
        table.append(line);
      }
      return table;
    });
    find(dialog, ".groups").replaceChildren(...tables);
  };
  /**
   * @param {number} wanted index of the image
   * @param {boolean} isNew whether Back is to close it
   */
  const open = async (wanted, isNew) => {
    const mine = ++lastWanted;
    const answer = await askImage(wanted);
    if (mine !== lastWanted) return;
    if (answer.error) {
      find(element, ".error").textContent = answer.error;
      return;
    }
    index = wanted;
    paint(/** @type {TestImage} */ (answer));
    if (!dialog.open) dialog.showModal();
    isNewest = isNew;
    changed(isNew);
  };
  find(dialog, ".link-image").addEventListener("click", copyLink);
  /** Closes the window, also one that is under way, without a step in the history. */
  const close = () => {
    lastWanted++;
    isNewest = false;
    dialog.close();
  };
  find(dialog, ".close").addEventListener("click", () => dialog.close());
  find(dialog, ".send").addEventListener("click", () => {
    close();
    set("testImage", { index, from: "mistakes" });
    openTab("draw");
  });
  dialog.addEventListener("close", () => {
    if (isNewest) history.back();
    else changed(false);
    isNewest = false;
  });
  return {
    open,
    close,
    /** Number of the image that is open, or null. */
    shown: () => (dialog.open ? index : null),
  };
};

/**
 * @param {HTMLElement} element
 * @param {Props} props
 * @param {{ ask: import("./server.js").ServerFunction<Question & { visit: string }, any> }} server
 * @param {import("./start.js").Page} page
 */
export const mount = (element, props, server, { signal }) => {
  /** @param {string} name */
  const select = (name) => find(element, `select.${name}`, HTMLSelectElement);
  /** @param {string} name */
  const digit = (name) => (select(name).value === "" ? null : Number(select(name).value));
  /** @param {string} value */
  const radio = (value) => {
    const radios = findAll(element, "[name=view]", HTMLInputElement);
    return radios.find((input) => input.value === value);
  };
  const view = () =>
    /** @type {View} */ (find(element, "[name=view]:checked", HTMLInputElement).value);
  /** @param {Question} question */
  const ask = (question) => answerTo(server.ask, question);
  /** @param {boolean} isNew */
  const note = (isNew) => {
    const used = SETTINGS[view()].map((name) => [name, select(name).value]);
    const settings = { view: view(), ...Object.fromEntries(used), image: page.shown() };
    noteView("mistakes", settings, { isNew });
  };
  const page = mountWindow(element, (index) => ask({ view: "image", index }), note);
  const error = find(element, ".error");
  const matrix = find(element, ".matrix", HTMLDetailsElement);
  const any = find(element, ".any", HTMLButtonElement);

  const { trials } = props;
  for (const name of ["trial", "other"]) fillNetworks(select(name), trials);
  const single = trials.filter((choice) => "name" in choice).at(-1);
  if (single) select("other").value = single.name;
  for (const name of ["a", "b"]) fill(select(name), props.configurations);
  if (props.configurations.length > 1) select("b").selectedIndex = 1;
  for (const name of ["label", "read"]) fill(select(name), [["", "any"], ...digitOptions()]);
  fill(
    select("kind"),
    props.kinds.map((kind) => [kind, kind]),
  );
  /** @type {Record<string, string>} */
  const first = { other: select("other").value, b: select("b").value }; // where it is not the first option

  /**
   * Images of a label that are read as another digit.
   * @param {number} label
   * @param {number} read
   */
  const showCell = async (label, read) => {
    select("label").value = String(label);
    select("read").value = String(read);
    await show();
    any.focus();
  };
  /**
   * @param {number} count
   * @param {number} row
   * @param {number} column
   */
  const makeCell = (count, row, column) => {
    const cell = make("td", row === column ? "same" : count ? "some" : "");
    if (!count || row === column) cell.textContent = String(count || "");
    else if (view() === "one") {
      const label = `${count} images of ${nameOf(row)} read as ${nameOf(column)}: show them`;
      cell.append(makeButton(String(count), () => showCell(row, column), label));
    } else cell.append(make("span", "", count));
    return cell;
  };
  /** @param {number[][] | null | undefined} counts */
  const paintMatrix = (counts) => {
    matrix.hidden = !counts;
    if (!counts) return;
    find(matrix, "caption").textContent =
      view() === "one" ? "Label by row, read as by column" : "A reads by row, B by column";
    const head = make("tr");
    head.append(make("td"), ...counts.map((_, column) => make("th", "", nameOf(column))));
    find(matrix, "thead").replaceChildren(head);
    const lines = counts.map((cells, row) => {
      const line = make("tr");
      line.append(
        make("th", "", nameOf(row)),
        ...cells.map((count, column) => makeCell(count, row, column)),
      );
      return line;
    });
    find(matrix, "tbody").replaceChildren(...lines);
  };

  /** @returns {ViewQuestion} */
  const question = () => ({
    view: view(),
    trial: select("trial").value,
    other: select("other").value,
    label: digit("label"),
    read: digit("read"),
    kind: select("kind").value,
    a: select("a").value,
    b: select("b").value,
  });
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    note(false);
    for (const node of findAll(element, ".for", HTMLElement))
      node.hidden = !node.classList.contains(view());
    /** @type {import("./server.js").Answer<Grids>} */
    const answer = trials.length ? await ask(question()) : { error: props.nothing };
    if (mine !== asked) return;
    any.hidden = view() !== "one" || (digit("label") === null && digit("read") === null);
    error.textContent = answer.error ?? "";
    find(element, ".parts").replaceChildren(...(answer.parts ?? []).map(makeGrid));
    paintMatrix(answer.matrix);
    const chosen = select("trial").selectedOptions[0];
    const shown = chosen && !chosen.closest("[label=yours]") ? chosen.value : "";
    showNetworkFiles(find(element, ".files-of"), shown, props.source);
    countAnswer(element);
  };

  find(element, ".send").textContent = `Send to ${titleOf("draw")}`;
  find(element, ".reviewed").hidden = dataSet().name !== "MNIST";
  find(element, ".link").addEventListener("click", copyLink);
  find(element, ".csv").addEventListener("click", async () => {
    const table = await ask({ ...question(), table: true });
    if (table.error) error.textContent = table.error;
    else saveCsv("misclassified", /** @type {import("./files.js").Table} */ (table));
  });
  find(element, ".matrix-csv").addEventListener("click", () => {
    const rows = findAll(matrix, "tr", HTMLTableRowElement);
    const [headers, ...data] = rows.map((row) => [...row.cells].map((cell) => cell.textContent));
    saveCsv("matrix", { headers: headers.map(String), data });
  });
  find(element, ".save").addEventListener("click", () =>
    saveView("misclassified", [find(element, ".found")]),
  );
  any.addEventListener("click", () => {
    select("label").value = select("read").value = "";
    show();
    select("label").focus();
  });
  element.addEventListener("change", show);
  find(element, ".parts").addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button") : null;
    if (button) page.open(Number(button.dataset.index), true);
  });

  // The address names a view, its networks and an image; names that do not exist are ignored.
  const restore = () => {
    const query = linked("mistakes");
    const usual = query.has("trial") ? "one" : "all"; // links once named a network alone
    const wanted = radio(query.get("view") ?? usual) ?? radio(usual);
    if (wanted) wanted.checked = true;
    for (const name of ["trial", "other"]) reveal(select(name), trials, query.get(name));
    for (const name of ["trial", "other", "label", "read", "kind", "a", "b"])
      chooseLinked(select(name), query.get(name), first[name]);
    const image = imageOf(query);
    show();
    if (image === null) page.close();
    else page.open(image, false);
  };

  /**
   * Opens the image that another tab asks for.
   * @param {{ index: number }} sent
   */
  const lookImage = ({ index }) => page.open(index, false); // Back leads to that tab
  restoring("mistakes", restore, signal);
  leaving("mistakes", page.close, signal); // nothing else could be pressed
  restore();
  receive("lookImage", lookImage, signal);

  /** Shows the network that another tab asks for. */
  const looked = () => {
    const one = radio("one");
    if (one) one.checked = true;
    show();
  };
  const own = [select("trial"), select("other")];
  offerOwn("mistakes", own, trials, { changed: show, looked }, signal);
  if (trials.length)
    ask({ view: "summary" }).then(({ words }) => {
      find(element, ".summary").textContent = words ?? "";
    });
};
