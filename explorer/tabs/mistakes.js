// The mistakes: asks `server.ask` for a view and shows its grids of digits, its matrix, and the page of one image.
const fill = (select, options) => {
  for (const [value, words] of options) {
    const option = make("option", "", words);
    option.value = value;
    select.append(option);
  }
};
const view = () => find("[name=view]:checked").value;
const value = (name) => find(`select.${name}`).value;
const digit = (name) => (value(name) === "" ? null : Number(value(name)));

const trials = props.trials.map(({ name, words, accuracy }) => [name, `${words} (${accuracy})`]);
fill(find("select.trial"), trials);
fill(find("select.other"), trials);
if (trials.length > 1) find("select.other").selectedIndex = trials.length - 1;
for (const name of ["label", "read"]) fill(find(`select.${name}`), [["", "any"], ...[...Array(10).keys()].map((n) => [n, n])]);
fill(find("select.kind"), props.kinds.map((kind) => [kind, kind]));

const picture = (sprite, place, side) => {
  const node = make("span", "picture");
  node.style.backgroundImage = `url(${sprite})`;
  node.style.backgroundPosition = `${-place * side}px 0`;
  node.style.backgroundSize = `auto ${side}px`;
  node.style.width = node.style.height = `${side}px`;
  return node;
};

const paintParts = (parts) =>
  find(".parts").replaceChildren(
    ...parts.map(({ words, sprite, images }) => {
      const part = make("section", "part"), grid = make("div", "grid");
      images.forEach(({ index, caption, sure, flagged }, place) => {
        const button = make("button", flagged ? "flagged" : "");
        button.type = "button";
        button.dataset.index = index;
        button.setAttribute("aria-label", `image ${index}: ${caption.replace("\u2192", "read as")}, ${sure}`);
        button.append(picture(sprite, place, 56), make("b", "", caption), make("small", "", sure));
        grid.append(button);
      });
      part.append(make("p", "words", words), grid);
      return part;
    }),
  );

const paintMatrix = (matrix) => {
  find(".matrix").hidden = !matrix;
  if (!matrix) return;
  const one = view() === "one";
  find(".matrix summary").textContent = one ? "Label by row, read as by column" : "A reads by row, B by column";
  const head = make("tr", "");
  head.append(make("th", ""), ...matrix.map((_, n) => make("th", "", n)));
  find(".matrix thead").replaceChildren(head);
  find(".matrix tbody").replaceChildren(
    ...matrix.map((counts, row) => {
      const line = make("tr", "");
      line.append(make("th", "", row));
      counts.forEach((count, column) => {
        const cell = make("td", row === column ? "same" : count ? "some" : "");
        if (one && count && row !== column) {
          const button = make("button", "", count);
          button.type = "button";
          button.setAttribute("aria-label", `${count} images of ${row} read as ${column}: show them`);
          button.addEventListener("click", () => {
            find("select.label").value = row;
            find("select.read").value = column;
            show();
          });
          cell.append(button);
        } else cell.textContent = count || "";
        line.append(cell);
      });
      return line;
    }),
  );
};

let asked = 0;
const ask = async (question) => {
  let answer;
  try {
    answer = await server.ask(question);
  } catch {} // Gradio swallows most failures itself and answers undefined
  return answer ?? { error: "The explorer does not answer. Choose again to ask again." };
};
const show = async () => {
  const mine = ++asked, now = view();
  for (const node of element.querySelectorAll(".for")) node.hidden = !node.classList.contains(now);
  const answer = !trials.length
    ? { error: "No network has been trained yet: run `python train/all.py`, then start again." }
    : await ask({ view: now, trial: value("trial"), other: value("other"), label: digit("label"), read: digit("read"), kind: value("kind") });
  if (mine !== asked) return;
  find(".error").textContent = answer.error ?? "";
  parts = answer.parts ?? [];
  paintParts(parts);
  paintMatrix(answer.matrix);
  element.dataset.shown = mine;
};

const NAMES = { norm: "by norm", regulariser: "by regulariser", batch_size: "by batch size" };
let open = null;
const openImage = async (index) => {
  const page = await ask({ view: "image", index });
  if (page.error) return (find(".error").textContent = page.error);
  open = index;
  find(".face .digit").replaceChildren(picture(page.sprite, 0, 112));
  find(".image h3").textContent =
    `Image ${index}, labelled ${page.label}: ${page.missing} of ${page.networks} networks miss it`;
  const { reviews } = page;
  find(".reviews").textContent = reviews
    ? `A validated label error: of 5 reviewers ${reviews.votes_given} chose ${reviews.given_label}, ` +
      `${reviews.votes_suspected} chose ${reviews.suspected_label}, ${reviews.votes_neither_or_both} neither or both.`
    : "";
  find(".groups").replaceChildren(
    ...Object.entries(page.groups).map(([factor, groups]) => {
      const table = make("table", ""), caption = make("caption", "", NAMES[factor]);
      table.append(caption);
      for (const { value, reads } of groups) {
        const row = make("tr", ""), head = make("th", "", value);
        const words = Object.entries(reads).sort(([, a], [, b]) => b - a);
        row.append(head, make("td", "", words.map(([digit, count]) => `${count} read ${digit}`).join(", ")));
        table.append(row);
      }
      return table;
    }),
  );
  if (!find(".image").open) find(".image").showModal();
};

// A link names a view, its networks and an image; what does not exist is passed over.
const asked_for = new URLSearchParams(location.search);
if (asked_for.get("tab") === "mistakes") {
  const wanted = find(`[name=view][value="${CSS.escape(asked_for.get("view") ?? "one")}"]`);
  if (wanted) wanted.checked = true;
  for (const name of ["trial", "other", "label", "read", "kind"]) {
    const select = find(`select.${name}`), value = asked_for.get(name);
    if ([...select.options].some((option) => option.value === value)) select.value = value;
  }
  if (/^\d{1,4}$/.test(asked_for.get("image") ?? "")) openImage(Number(asked_for.get("image")));
}
find(".link").addEventListener("click", () => {
  const used = { one: ["trial", "label", "read"], two: ["trial", "other"], all: ["kind"] }[view()];
  explorer.copyLink("mistakes", { view: view(), ...Object.fromEntries(used.map((name) => [name, value(name)])) });
});
find(".link-image").addEventListener("click", () => explorer.copyLink("mistakes", { image: open }));
let parts = [];
find(".csv").addEventListener("click", () => {
  const data = parts.flatMap(({ words, images }) => images.map(({ index, caption, sure }) => [words, index, ...caption.split(" \u2192 "), sure]));
  explorer.saveCsv("misclassified", { headers: ["which", "index", "label", "read", "sure"], data });
});
for (const button of element.querySelectorAll(".save"))
  button.addEventListener("click", () => explorer.saveView("misclassified", button.value, [find(".found")]));
element.addEventListener("change", show);
find(".parts").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) openImage(Number(button.dataset.index));
});
find(".close").addEventListener("click", () => find(".image").close());
find(".send").addEventListener("click", () => {
  find(".image").close();
  window.dispatchEvent(new CustomEvent("draw-image", { detail: open }));
});
show();
if (trials.length) ask({ view: "summary" }).then(({ words }) => (find(".summary").textContent = words ?? ""));
