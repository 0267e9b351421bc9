// What is chosen in Inside: from a link, from Draw, and by hand; and what is taken away.
const FOLDED = ["saliency", "weights", "xray", "batches", "axes", "numbers"];
const CHOSEN = ["trial", "other", "third", "fourth", "method", "target"];
const linked = new URLSearchParams(location.search);
if (linked.get("tab") === "inside") {
  for (const name of CHOSEN) {
    const select = find(`select.${name}`);
    if (linked.has(name) && [...select.options].some((option) => option.value === linked.get(name))) select.value = linked.get(name);
  }
  for (const name of (linked.get("open") ?? "").split("|")) if (FOLDED.includes(name)) find(`details.${name}`).open = true;
  if (/^\d{1,4}$/.test(linked.get("image") ?? "")) image = Number(linked.get("image"));
  if (linked.has("drawing") || explorer.drawn()?.asked.lab) find("select.digit").value = DRAWN;
}

const changed = (networks) => {
  show();
  for (const act of [...later, ...(networks ? networksChanged : [])]) act();
};
// Draw sends what is on its paper; what changes there later is looked at when this tab is seen again.
let stale = false;
if (explorer.looking) find("select.digit").value = DRAWN;
window.addEventListener("look-inside", () => {
  find("select.digit").value = DRAWN;
  changed(false);
});
const refresh = () => {
  if (!stale || !element.checkVisibility()) return;
  stale = false;
  changed(false);
};
window.addEventListener("drawn", () => {
  stale = value("digit") === DRAWN;
  refresh(); // where an answer comes when this tab is seen already
});
new IntersectionObserver(refresh).observe(find(".found"));

find(".next").addEventListener("click", () => {
  if (value("digit") === DRAWN) find("select.digit").value = 7;
  else turn += 1;
  image = null;
  changed(false);
});
element.addEventListener("change", ({ target }) => {
  if (target.closest(".saliency")) return later.forEach((act) => act());
  if (target.matches("select.digit")) [turn, image] = [0, null];
  changed(!target.matches("select.digit"));
});

find(".link").addEventListener("click", () => {
  const settings = Object.fromEntries(CHOSEN.map((name) => [name, value(name)]));
  const open = FOLDED.filter((name) => find(`details.${name}`).open).join("|");
  explorer.copyLink("inside", { ...settings, ...shownDigit, open });
});
const TABLES = { inside: () => table, pixels: () => salient?.pixels, sums: () => salient?.sums, layers: () => weighed?.layers, epochs: () => weighed?.epochs, batches: () => batchTable };
for (const button of element.querySelectorAll(".csv"))
  button.addEventListener("click", () => {
    const found = TABLES[button.name]();
    if (found) explorer.saveCsv(button.name, found);
  });
const VIEWS = {
  inside: [".found"],
  saliency: [".salient", ".bar"],
  weights: [".weights .keys", ".histograms", ".growth", ".depths"],
  batches: [".batches .keys", ".chart"],
  xray: [".rays"],
};
for (const button of element.querySelectorAll(".save"))
  button.addEventListener("click", () => explorer.saveView(button.name, button.value, VIEWS[button.name].map(find)));
offerOwn("Inside", ["trial", "other", "third", "fourth"].map((name) => find(`select.${name}`)), () => changed(true));
changed(true);
