// The mistakes: asks `server.ask` for a view and shows its grids of digits, its matrix, and the page of one image.
const view = () => find("[name=view]:checked").value;
const value = (name) => find(`select.${name}`).value;
const digit = (name) => (value(name) === "" ? null : Number(value(name)));

const trials = networkOptions(props.trials);
fill(find("select.trial"), trials);
fill(find("select.other"), trials);
if (trials.length > 1) find("select.other").selectedIndex = trials.length - 1;
for (const name of ["label", "read"]) fill(find(`select.${name}`), [["", "any"], ...Array.from(Array(10).keys(), (n) => [n, n])]);
fill(find("select.kind"), props.kinds.map((kind) => [kind, kind]));

const paintParts = (parts) =>
  find(".parts").replaceChildren(
    ...parts.map(({ words, sprite, images }) => {
      const part = make("section", "part"), grid = make("div", "grid");
      images.forEach(({ index, caption, share, means, flagged }, place) => {
        const button = make("button", flagged ? "flagged" : "");
        button.type = "button";
        button.dataset.index = index;
        button.setAttribute("aria-label", `image ${index}: ${caption.replace("\u2192", "read as")}, ${share} ${means}`);
        button.title = `${share} ${means}`;
        button.append(picture(sprite, place, 56), make("b", "", caption), make("small", "", share));
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
  find(".matrix caption").textContent = one ? "Label by row, read as by column" : "A reads by row, B by column";
  const head = make("tr", "");
  head.append(make("th", ""), ...matrix.map((_, n) => make("th", "", n)));
  find(".matrix thead").replaceChildren(head);
  find(".matrix tbody").replaceChildren(
    ...matrix.map((counts, row) => {
      const line = make("tr", "");
      line.append(make("th", "", row));
      counts.forEach((count, column) => {
        const cell = make("td", row === column ? "same" : count ? "some" : "");
        const apart = count && row !== column;
        if (one && apart) {
          const button = make("button", "", count);
          button.type = "button";
          button.setAttribute("aria-label", `${count} images of ${row} read as ${column}: show them`);
          button.addEventListener("click", async () => {
            find("select.label").value = row;
            find("select.read").value = column;
            await show();
            find(".any").focus();
          });
          cell.append(button);
        } else if (apart) cell.append(make("span", "", count));
        else cell.textContent = count || "";
        line.append(cell);
      });
      return line;
    }),
  );
};

let asked = 0;
const question = () => ({
  view: view(), trial: value("trial"), other: value("other"), label: digit("label"), read: digit("read"), kind: value("kind"),
});
const show = async () => {
  const mine = ++asked, now = view();
  for (const node of element.querySelectorAll(".for")) node.hidden = !node.classList.contains(now);
  const answer = !trials.length
    ? { error: props.nothing }
    : await ask(question());
  if (mine !== asked) return;
  find(".any").hidden = now !== "one" || (digit("label") === null && digit("read") === null);
  find(".error").textContent = answer.error ?? "";
  paintParts(answer.parts ?? []);
  paintMatrix(answer.matrix);
  element.dataset.shown = mine;
};

const NAMES = { norm: "by norm", regulariser: "by regulariser", batch_size: "by batch size" };
let open = null;
const openImage = async (index) => {
  const page = await ask({ view: "image", index });
  if (page.error) return (find(".error").textContent = page.error);
  open = index;
  const digit = picture(page.sprite, 0, 112);
  digit.setAttribute("role", "img");
  digit.setAttribute("aria-label", `Image ${index}`);
  find(".face .digit").replaceChildren(digit);
  find(".image h3").textContent =
    `Image ${index}, labelled ${page.label}: ${page.missing} of ${page.networks} networks of ${page.studies} miss it`;
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
find(".csv").addEventListener("click", async () => {
  const table = await ask({ ...question(), table: true });
  if (table.error) find(".error").textContent = table.error;
  else explorer.saveCsv("misclassified", table);
});
find(".matrix-csv").addEventListener("click", () => {
  const rows = [...element.querySelectorAll(".matrix tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
  explorer.saveCsv("matrix", { headers: rows[0], data: rows.slice(1) });
});
find(".any").addEventListener("click", () => {
  find("select.label").value = find("select.read").value = "";
  show();
  find("select.label").focus();
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
offerOwn("Misclassified", [find("select.trial"), find("select.other")], show, () => {
  find("[name=view][value=one]").checked = true;
  show();
});
if (trials.length) ask({ view: "summary" }).then(({ words }) => (find(".summary").textContent = words ?? ""));
