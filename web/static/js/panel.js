// The panel at the right shows details without leaving the page. Esc closes it and returns the focus.

let opener = null;
const parts = () => [document.getElementById("panel"), document.getElementById("panel-shade")];

function loading() {
  const word = document.createElement("p");
  word.className = "loading";
  word.textContent = "loading";
  document.getElementById("panel-body").replaceChildren(word);
}

export function open(from) {
  opener = from ?? document.activeElement;
  loading();
  for (const part of parts()) {
    part.hidden = false;
  }
  parts()[0].focus();
}

export function close() {
  const [panel] = parts();
  if (!panel || panel.hidden) {
    return false;
  }
  for (const part of parts()) {
    part.hidden = true;
  }
  document.getElementById("panel-body").replaceChildren();
  (opener?.isConnected ? opener : document.getElementById("main")).focus();
  return true;
}

export function fetchInto(url, from) {
  open(from);
  return htmx.ajax("GET", url, { target: "#panel-body", swap: "innerHTML" });
}

export function start() {
  if (!document.getElementById("panel") || !globalThis.htmx) {
    return;
  }
  document.addEventListener("htmx:before:request", (event) => {
    const source = event.detail.ctx.sourceElement;
    if (source.matches?.("[data-panel-open]")) {
      open(source.closest("details[data-menu]")?.querySelector("summary") ?? source);
      source.closest("details[data-menu]")?.removeAttribute("open");
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-panel-close], #panel-shade")) {
      close();
    }
    const link = event.target.closest("[data-panel-link]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      fetchInto(link.getAttribute("href"), link);
    }
  });
}
