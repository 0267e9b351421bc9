// What the pages of the tabs share: short names for finding and making nodes, pictures out of a sprite, and choices of networks.
const find = (selector) => element.querySelector(selector);
const make = (tag, name, text = "") => {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
};
const row = (tag, cells) => {
  const line = make("tr", "");
  line.append(...cells.map((cell) => make(tag, "", cell)));
  return line;
};
const picture = (sprite, place, side) => {
  const node = make("span", "picture");
  node.style.backgroundImage = `url(${sprite})`;
  node.style.backgroundPosition = `${-place * side}px 0`;
  node.style.backgroundSize = `auto ${side}px`;
  node.style.width = node.style.height = `${side}px`;
  return node;
};
const fill = (select, options) => {
  for (const [value, words, family] of options) {
    const option = make("option", "", words);
    option.value = value;
    if (family && select.lastElementChild?.label !== family) {
      select.append(document.createElement("optgroup"));
      select.lastElementChild.label = family;
    }
    (family ? select.lastElementChild : select).append(option);
  }
};
const networkOptions = (trials) => trials.map(({ name, words, accuracy, family }) => [name, `${words} (${accuracy})`, family]);
