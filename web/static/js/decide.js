// Forms that drop down from a button (why not? what instead?): one is open at a time, the field has the focus, Esc closes.

const open = () => document.querySelector("details[data-drop][open]");

function closeOthers(except) {
  for (const one of document.querySelectorAll("details[data-drop][open]")) {
    if (one !== except && !one.contains(except)) {
      one.open = false;
    }
  }
}

export function escape() {
  const drop = open();
  if (drop) {
    drop.open = false;
    drop.querySelector("summary").focus();
  }
  return Boolean(drop);
}

export function unfold(drop) {
  drop.open = true;
  drop.querySelector("input:not([type=hidden], [type=radio], [type=checkbox])")?.focus();
  drop.scrollIntoView({ block: "nearest" });
}

export function start() {
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("details[data-drop] > summary");
    if (summary && !summary.parentElement.open) {
      // After the browser's own toggle, which this click is about to cause.
      setTimeout(() => summary.parentElement.open && unfold(summary.parentElement));
    }
  });
  document.addEventListener("toggle", (event) => event.target.matches?.("details[data-drop]") && event.target.open && closeOthers(event.target), true);
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (response?.status < 400 && sourceElement?.closest?.("details[data-drop]") && sourceElement.matches("form")) {
      sourceElement.reset();
    }
  });
}
