// The list of the palette: options of a listbox, of which one is selected. Texts are text nodes.

const list = () => document.getElementById("palette-list");

export const selected = () => list().querySelector("[aria-selected=true]");

function span(name, text) {
  const part = document.createElement("span");
  part.className = name;
  part.textContent = text;
  return part;
}

function option(entry, index) {
  const item = document.createElement("li");
  item.id = `palette-${index}`;
  item.role = "option";
  item.entry = entry;
  item.append(span("kind", entry.kind), span("title", entry.title), span("dim", [entry.said, entry.missing ?? entry.hint].filter(Boolean).join(" — ")));
  return item;
}

function select(item) {
  for (const other of list().children) {
    other.ariaSelected = String(other === item);
    delete other.dataset.asked;
    other.classList.remove("asked");
  }
  const input = document.getElementById("palette-input");
  item ? input.setAttribute("aria-activedescendant", item.id) : input.removeAttribute("aria-activedescendant");
  item?.scrollIntoView({ block: "nearest" });
}

export function fill(entries) {
  list().replaceChildren(...entries.map(option));
  select(list().firstElementChild);
}

export function move(step) {
  const items = [...list().children];
  const at = items.indexOf(selected());
  select(items[(at + step + items.length) % items.length]);
}
