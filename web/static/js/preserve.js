// What a refresh preserves: open details, the selection, a size that the operator changed, a request under way.

const PRESERVED = new Set(["data-selected", "data-current", "tabindex", "style"]);

function preserves(element, name) {
  if (PRESERVED.has(name)) {
    return true;
  }
  if (name === "open") {
    return element.localName === "details";
  }
  // A section that is being refreshed is busy too, but its content has to change.
  const busy = element.closest(".htmx-request:not([data-section])");
  return Boolean(busy) && (name === "class" || name === "disabled");
}

export function start() {
  globalThis.htmx?.registerExtension("hive-preserve", {
    htmx_before_morph_attr: (element, { attrName }) => !preserves(element, attrName),
  });
}
