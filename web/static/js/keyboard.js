// The keyboard shortcuts: one letter for each action, never while the operator types.

import { writeTo } from "./forms/compose.js";
import * as dropdowns from "./dropdowns.js";
import * as menus from "./menus.js";
import * as palette from "./palette/dialog.js";
import * as panel from "./panel.js";

const PLACES = { d: "/", a: "/actors", s: "/stats" };
let goPressedAt = 0;

const rows = () => [...document.querySelectorAll("main [data-row]")].filter((row) => row.offsetParent !== null);
const selected = () => document.querySelector("[data-row][data-selected]");

function mark(row) {
  selected()?.removeAttribute("data-selected");
  row?.setAttribute("data-selected", "");
}

function select(row) {
  mark(row);
  if (row) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function move(step) {
  const all = rows();
  const at = all.indexOf(selected());
  select(all[Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))]);
}

function act(...verbs) {
  const row = selected();
  const agent = row?.dataset.agent;
  for (const verb of verbs) {
    const inRow = row?.querySelector(`[data-action="${verb}"]`);
    const found = inRow ?? (agent && document.querySelector(`[data-row][data-agent="${agent}"] [data-action="${verb}"]`));
    if (found?.localName === "details") {
      dropdowns.show(found);
      return true;
    }
    if (found) {
      found.localName === "form" ? found.requestSubmit() : found.click();
      return true;
    }
  }
  return false;
}

// A decision concerns one proposal: the one in the panel, else the selected one. With neither, the first is selected.
function decision(verb) {
  const shown = document.querySelector("#panel:not([hidden]) [data-row], .single [data-row]");
  const row = shown ?? selected();
  const found = row?.querySelector(`[data-action="${verb}"]`);
  if (found) {
    found.localName === "form" ? found.requestSubmit() : dropdowns.show(found);
  } else if (!row) {
    select(rows().find((one) => one.querySelector(`[data-action="${verb}"]`)));
  }
  return true;
}

function open() {
  const row = selected();
  const diff = row?.querySelector('[data-action="diff"]');
  if (diff) {
    diff.click();
    return true;
  }
  if (row?.dataset.href) {
    location.assign(row.dataset.href);
  }
  return Boolean(row?.dataset.href);
}

function restart() {
  const name = selected()?.dataset.agent;
  return Boolean(name) && confirm(`restart ${name}?`) && act("restart", "start");
}

const KEYS = {
  j: () => (move(1), true),
  k: () => (move(-1), true),
  Enter: open,
  a: () => decision("approve"),
  d: () => decision("deny"),
  r: restart,
  p: () => act("pause", "resume"),
  l: () => act("log"),
  m: () => {
    const name = selected()?.dataset.agent;
    return writeTo(name ?? "hm1nd");
  },
  "/": () => (palette.open(), true),
  "?": () => (panel.fetchInto("/keys", document.activeElement), true),
  g: () => ((goPressedAt = Date.now()), true),
};

function onKeydown(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "Escape") {
    dropdowns.closeOpen() || panel.close() || menus.closeOpen() || (document.activeElement?.blur(), select(null));
    return;
  }
  const on = event.target;
  if (on.closest("input, textarea, select, [contenteditable]")) {
    return;
  }
  if (event.key === "Enter" && on.closest("a, button, summary")) {
    return;
  }
  if (Date.now() - goPressedAt < 1500 && PLACES[event.key]) {
    location.assign(PLACES[event.key]);
    return;
  }
  goPressedAt = 0;
  if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) {
    event.preventDefault();
  }
}

export function start() {
  if (document.getElementById("panel") && globalThis.htmx) {
    document.addEventListener("keydown", onKeydown);
    document.addEventListener("focusin", (event) => {
      const row = event.target.closest?.("main [data-row]");
      if (row && row !== selected() && event.target.matches(":focus-visible")) {
        mark(row);
      }
    });
  }
}
