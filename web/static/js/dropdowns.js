// Forms that drop down from a button: one is open at a time, its field has the focus, Esc closes it.

function closeOthers(except) {
  for (const dropdown of document.querySelectorAll("details[data-dropdown][open]")) {
    if (dropdown !== except && !dropdown.contains(except)) {
      dropdown.open = false;
    }
  }
}

export function closeOpen() {
  const dropdown = document.querySelector("details[data-dropdown][open]");
  if (dropdown) {
    dropdown.open = false;
    dropdown.querySelector("summary").focus();
  }
  return Boolean(dropdown);
}

export function show(dropdown) {
  dropdown.open = true;
  dropdown.querySelector("input:not([type=hidden], [type=radio], [type=checkbox])")?.focus();
  dropdown.scrollIntoView({ block: "nearest" });
}

export function start() {
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("details[data-dropdown] > summary");
    if (summary && !summary.parentElement.open) {
      // After the toggle that the browser performs for this click.
      setTimeout(() => summary.parentElement.open && show(summary.parentElement));
    }
  });
  document.addEventListener("toggle", (event) => event.target.matches?.("details[data-dropdown]") && event.target.open && closeOthers(event.target), true);
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (response?.status < 400 && sourceElement?.closest?.("details[data-dropdown]") && sourceElement.matches("form")) {
      sourceElement.reset();
    }
  });
}
