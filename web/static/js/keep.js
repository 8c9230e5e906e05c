// What an update must not take away: open details, a selection, a size that was pulled, a request under way.

const OWN = new Set(["data-selected", "tabindex", "style"]);

function keeps(element, name) {
  if (OWN.has(name)) {
    return true;
  }
  if (name === "open") {
    return element.localName === "details";
  }
  const busy = element.closest(".htmx-request");
  return Boolean(busy) && (name === "class" || name === "disabled");
}

export function start() {
  globalThis.htmx?.registerExtension("hive-keep", {
    htmx_before_morph_attr: (element, { attrName }) => !keeps(element, attrName),
  });
}
