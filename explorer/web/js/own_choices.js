// What was found out about a visitor's text, and what the visitor may choose: sign, result, columns with their names, and runs.

import { fill, find, make } from "./nodes.js";

/** @typedef {{ own_name: string, name: string, runs: number }} Column */
/** @typedef {{ name: string, sample: string | null, value: number, line: number }} Run */
/**
 * @typedef {object} Found
 * @property {string} sentence
 * @property {string} kind
 * @property {string} decimal
 * @property {boolean} percent
 * @property {boolean} lower_by_name
 * @property {string[]} measures
 * @property {string | null} measure
 * @property {string[]} labels
 * @property {string | null} by
 * @property {string | null} reduction
 * @property {string[]} left_out columns that are no results
 * @property {Column[]} columns
 * @property {Run[]} runs
 */
/** @typedef {import("./own_link.js").Settings} Settings */

/**
 * A text field that tells of its changes.
 * @param {string} value
 * @param {string} label
 * @param {(value: string) => void} changed
 */
const textField = (value, label, changed) => {
  const input = make("input");
  input.type = "text";
  input.value = value;
  input.setAttribute("aria-label", label);
  input.addEventListener("change", () => changed(input.value));
  return input;
};

/**
 * @param {HTMLElement} root
 * @param {Settings} settings changed in place
 * @param {() => void} changed
 */
export const mountChoices = (root, settings, changed) => {
  /** @param {string} name */
  const select = (name) => find(root, `select.${name}`, HTMLSelectElement);
  const columns = find(root, ".columns");
  const runs = find(root, ".runs", HTMLDetailsElement);
  let painted = "";
  for (const key of /** @type {const} */ (["reduction", "by"]))
    select(key).addEventListener("change", () => {
      settings[key] = select(key).value;
      if (key === "by") settings.groups = settings.names = settings.columns = null;
      changed();
    });
  select("decimal").addEventListener("change", () => {
    settings.decimal = select("decimal").value || null;
    changed();
  });
  select("header").addEventListener("change", () => {
    const { value } = select("header");
    settings.header = value ? value === "names" : null;
    settings.columns = settings.names = null;
    changed();
  });
  select("measure").addEventListener("change", () => {
    settings.column = select("measure").value;
    changed();
  });

  /** @param {Found} found */
  const paintColumns = (found) => {
    const items = found.columns.map(({ own_name: ownName, name, runs }) => {
      const item = make("li");
      const field = textField(name, `Name of column ${ownName}`, (value) => {
        settings.names = { ...settings.names, [ownName]: value };
        changed();
      });
      item.append(field, make("span", "count", `${runs} run${runs === 1 ? "" : "s"}`));
      return { item, ownName };
    });
    const isWide = !found.runs.length;
    const shown = found.columns.map((column) => column.own_name);
    /** @param {string[]} names */
    const keep = (names) => {
      settings.columns = names;
      changed();
    };
    if (isWide && found.measures.length > 2)
      for (const { item, ownName } of items)
        item.append(
          dropButton(`Leave out ${ownName}`, () => keep(shown.filter((name) => name !== ownName))),
        );
    const rest = isWide ? found.measures.filter((name) => !shown.includes(name)) : [];
    const added = rest.map((ownName) => {
      const item = make("li");
      const button = make("button", "add", `Add ${ownName}`);
      button.type = "button";
      button.addEventListener("click", () => keep([...shown, ownName]));
      item.append(button);
      return item;
    });
    columns.replaceChildren(...items.map(({ item }) => item), ...added);
  };

  /** @param {Found} found */
  const paintRuns = (found) => {
    const groups = Object.fromEntries(found.runs.map(({ name, sample }) => [name, sample ?? ""]));
    const rows = found.runs.map(({ name, sample, value }) => {
      const row = make("tr");
      const cell = make("td");
      cell.append(
        textField(sample ?? "", `Column of ${name}`, (text) => {
          groups[name] = text.trim();
          settings.groups = groups;
          settings.names = null;
          changed();
        }),
      );
      row.append(make("td", "", name), make("td", "", Number(value.toPrecision(6))), cell);
      return row;
    });
    find(runs, "tbody").replaceChildren(...rows);
    runs.hidden = !rows.length;
  };

  /**
   * @param {Found} found
   * @param {boolean} isJudged
   */
  const paint = (found, isJudged) => {
    find(root, ".found").textContent = found.sentence;
    const sign = found.decimal === "," ? "comma" : "point";
    select("decimal").options[0].text = settings.decimal ? "as it stands" : `found: ${sign}`;
    select("decimal").value = settings.decimal ?? "";
    const header = settings.header ? "names" : "run";
    select("header").value = settings.header === null ? "" : header;
    find(root, ".measures").hidden = found.measure === null || found.measures.length < 2;
    find(root, ".reductions").hidden = found.reduction === null || isPlain(found);
    find(root, ".labels").hidden = !found.labels.length;
    select("reduction").value = found.reduction ?? "last";
    if (!isJudged) runs.open = true;
    // The field that has the focus stays as it is where only numbers changed.
    const structure = JSON.stringify([found.measures, found.labels, found.columns, found.runs]);
    if (structure !== painted) {
      painted = structure;
      const focus = focused(root);
      select("measure").replaceChildren();
      fill(
        select("measure"),
        found.measures.map((name) => [name, name]),
      );
      select("by").replaceChildren();
      fill(select("by"), [
        ...(isPlain(found) ? [/** @type {[string, string]} */ (["", "column of numbers"])] : []),
        ...found.labels.map((name) => /** @type {[string, string]} */ ([name, name])),
      ]);
      paintColumns(found);
      paintRuns(found);
      focus();
    }
    select("measure").value = found.measure ?? "";
    select("by").value = found.by ?? "";
  };
  const clear = () => {
    painted = "";
    find(root, ".found").textContent = "";
    columns.replaceChildren();
    runs.hidden = true;
    for (const name of [".measures", ".reductions", ".labels"]) find(root, name).hidden = true;
  };
  return { paint, clear };
};

/** True of a table that no tracker exported. @param {Found} found */
const isPlain = ({ kind }) => kind === "columns" || kind === "rows";

/**
 * @param {string} label
 * @param {() => void} act
 */
const dropButton = (label, act) => {
  const button = make("button", "drop", "\u00d7");
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
};

/**
 * Gives the focus back to the control with the label of the one that has it now, once the controls are painted anew.
 * @param {HTMLElement} root
 */
const focused = (root) => {
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const label = active?.getAttribute("aria-label");
  return () => {
    if (!label || active?.isConnected) return;
    const again = root.querySelector(`[aria-label="${CSS.escape(label)}"]`);
    if (again instanceof HTMLElement) again.focus();
  };
};
