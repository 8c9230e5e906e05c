// The panel at the right shows details without leaving the page. Esc closes it and returns the focus. What it shows stands
// in the address of the page (`panel`): Back closes it, and a link opens it again.

import { follow, query, write } from "./view/address.js";

const ADDRESSES = /^\/(approval\/\d+\/|panel\/(journal|config)\/[^/?]+|keys)(\?|$)/;
let opener = null;
let path = null;
const parts = () => [document.getElementById("panel"), document.getElementById("panel-shade")];

function loading() {
  const word = document.createElement("p");
  word.className = "loading";
  word.textContent = "loading";
  document.getElementById("panel-body").replaceChildren(word);
}

function open(wanted, from) {
  const inside = from && parts()[0].contains(from);
  opener = inside ? opener : (from ?? document.activeElement);
  path = wanted;
  loading();
  for (const part of parts()) {
    part.hidden = false;
  }
  parts()[0].focus();
}

// Each thing that the panel shows is an entry of the history, which counts those since the panel was opened. A panel that a
// link has opened has none: closing it is another address for the entry of the link.
function remember() {
  const params = query();
  if (ADDRESSES.test(path) && params.get("panel") !== path) {
    const entries = history.state?.panel ?? 0;
    const linked = params.has("panel") && !entries;
    params.set("panel", path);
    linked ? write(params, { replace: true }) : write(params, { state: { panel: entries + 1 } });
  }
}

function forget() {
  const params = query();
  if (history.state?.panel) {
    history.go(-history.state.panel);
  } else if (params.has("panel")) {
    params.delete("panel");
    write(params, { replace: true });
  }
}

function hide() {
  const [panel] = parts();
  if (!panel || panel.hidden) {
    return false;
  }
  path = null;
  for (const part of parts()) {
    part.hidden = true;
  }
  document.getElementById("panel-body").replaceChildren();
  (opener?.isConnected ? opener : document.getElementById("main")).focus();
  return true;
}

export function close() {
  const closed = hide();
  closed && forget();
  return closed;
}

const load = (url) => htmx.ajax("GET", url, { target: "#panel-body", swap: "innerHTML" });

// Shows what the address names.
function show() {
  const wanted = query().get("panel");
  if (!ADDRESSES.test(wanted ?? "")) {
    hide();
  } else if (path !== wanted) {
    open(wanted);
    load(wanted);
  }
}

export function fetchInto(url, from) {
  open(url, from);
  remember();
  return load(url);
}

export function start() {
  if (!document.getElementById("panel") || !globalThis.htmx) {
    return;
  }
  follow(show);
  document.addEventListener("htmx:before:request", (event) => {
    const source = event.detail.ctx.sourceElement;
    if (source.matches?.("[data-panel-open]")) {
      open(source.getAttribute("hx-get"), source.closest("details[data-menu]")?.querySelector("summary") ?? source);
      source.closest("details[data-menu]")?.removeAttribute("open");
      remember();
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
