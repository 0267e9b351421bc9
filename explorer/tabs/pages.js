// What the pages that ask `server.ask` for a view share: choices of networks, and the question itself.
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

const ask = async (question) => {
  let answer;
  try {
    answer = await server.ask(question);
  } catch {} // Gradio swallows most failures itself and answers undefined
  return answer ?? { error: "The explorer does not answer. Choose again to ask again." };
};
