// What an update must not take away: open details, a selection, a size that was pulled, a request under way.

const OWN = new Set(["data-selected", "tabindex", "style"]);

function keeps(element, name) {
  if (OWN.has(name)) {
    return true;
  }
  if (name === "open") {
    return element.localName === "details";
  }
  // A section that is read again is busy too, but only its reading is: what is in it changes.
  const busy = element.closest(".htmx-request:not([data-section])");
  return Boolean(busy) && (name === "class" || name === "disabled");
}

export function start() {
  globalThis.htmx?.registerExtension("hive-keep", {
    htmx_before_morph_attr: (element, { attrName }) => !keeps(element, attrName),
  });
}
