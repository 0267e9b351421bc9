// What the pages of the tabs share: short names for finding and making nodes.
const find = (selector) => element.querySelector(selector);
const make = (tag, name, text = "") => {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
};
