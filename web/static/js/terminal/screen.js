// A screen: the library's terminal, in the colours of the page. Nothing that a program inside prints becomes markup or a link.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The library makes style elements. The policy of this page admits those that carry the number used once.
function signStyles(nonce) {
  const create = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = create(name, options);
    if (String(name).toLowerCase() === "style") {
      element.nonce = nonce;
    }
    return element;
  };
}

export async function openScreen(place, options = {}) {
  signStyles(place.dataset.nonce);
  const { Terminal } = await import(place.dataset.library);
  const screen = new Terminal({
    fontFamily: colour("--mono"),
    fontSize: 13,
    scrollback: 5000,
    screenReaderMode: true,
    linkHandler: { activate: () => {}, allowNonHttpProtocols: false },
    theme: { background: "#11111b", foreground: "#cdd6f4", cursor: "#fab387", selectionBackground: "#585b70" },
    ...options,
  });
  screen.open(place);
  return screen;
}
