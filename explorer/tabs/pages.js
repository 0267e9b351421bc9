// What the pages that ask `server.ask` for a view share: choices of networks, pictures out of a sprite, and the question itself.
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

const picture = (sprite, place, side) => {
  const node = make("span", "picture");
  node.style.backgroundImage = `url(${sprite})`;
  node.style.backgroundPosition = `${-place * side}px 0`;
  node.style.backgroundSize = `auto ${side}px`;
  node.style.width = node.style.height = `${side}px`;
  return node;
};

const ask = async (question) => {
  let answer;
  try {
    answer = await server.ask(question);
  } catch {} // Gradio swallows most failures itself and answers undefined
  return answer ?? { error: "The explorer does not answer. Choose again to ask again." };
};
