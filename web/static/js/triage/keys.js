// The keys of N33DS Y0U. They concern the item that is shown, while nothing else of the page is selected: j k move, Enter
// goes to its controls, Esc back to the list, r replies, u undoes, every other key is that of a control (`data-key`).

import { writeTo } from "../forms/compose.js";
import * as dropdowns from "../dropdowns.js";
import { undo } from "./decided.js";
import { content, detail, focusOn, linkOf, links, shown } from "./selection.js";

const OF_REVIEW = { a: "form[data-action=approve]", d: "details[data-action=deny]" };
const CONTROLS = "button, input:not([type=hidden]), textarea, select, summary, a[href]";
let goPressedAt = 0;

function isActive(target) {
  const panel = document.getElementById("panel");
  const selected = document.querySelector("[data-row][data-selected]");
  return (
    shown() &&
    (!panel || panel.hidden) &&
    !target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [data-menu][open]") &&
    (!selected || selected.matches("a[data-need]") || detail().contains(target))
  );
}

function move(step) {
  const all = links();
  // Below the last one the page goes on.
  const next = all[Math.max(0, all.findIndex((link) => link.dataset.need === shown()) + step)];
  next && focusOn(next);
  return Boolean(next);
}

function press(control) {
  if (control.localName === "form") {
    control.requestSubmit();
  } else if (control.localName === "details") {
    dropdowns.show(control);
    control.querySelector("input:not([type=hidden]), button:not([disabled])")?.focus();
  } else {
    control.click();
  }
  return true;
}

function reply() {
  const link = content()?.querySelector("a[data-reply]");
  if (link) {
    return press(link);
  }
  const field = content()?.querySelector("input[data-reply]");
  field?.focus();
  return Boolean(field) || !content() || writeTo(linkOf(shown())?.dataset.agent ?? "hm1nd");
}

function act(key, target) {
  const body = content();
  const control = body?.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`) ?? (OF_REVIEW[key] && body?.querySelector(OF_REVIEW[key]));
  if (control) {
    return press(control);
  }
  switch (key) {
    case "j":
      return move(1);
    case "k":
      return move(-1);
    case "u":
      return undo();
    case "r":
      return reply();
    case "a":
    case "d":
      return !content() || (key === "a" && reply());
    case "Enter":
      (body?.querySelector(`.actions:not(.defer) :is(${CONTROLS})`) ?? body?.querySelector(CONTROLS))?.focus();
      return true;
    case "Escape":
      return detail().contains(target) && !document.querySelector("details[data-dropdown][open]") && Boolean(linkOf(shown())) && (focusOn(linkOf(shown())), true);
    default:
      return false;
  }
}

function onKeydown(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !detail() || !isActive(target)) {
    return;
  }
  if (Date.now() - goPressedAt < 1500) {
    goPressedAt = 0;
    return;
  }
  if (key === "g") {
    goPressedAt = Date.now();
    return;
  }
  if ((key === "Enter" || key === " ") && target.closest("a:not([data-need]), button, summary, input")) {
    return;
  }
  if (key.length === 1 || key === "Enter" || key === "Escape") {
    act(key, target) && event.preventDefault();
  }
}

export function start() {
  if (detail() && globalThis.htmx) {
    document.addEventListener("keydown", onKeydown, true);
  }
}
