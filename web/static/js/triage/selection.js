// N33DS Y0U is a list with the chosen item beside it. Which item that is stands in the address (`need`); without it, it is the
// item that was the first when the page was loaded.

import { follow, query, write } from "../view/address.js";
import { refresh } from "../refresh.js";

const list = () => document.getElementById("needs");
export const detail = () => document.getElementById("need");
export const links = () => [...(list()?.querySelectorAll("a[data-need]") ?? [])].filter((link) => link.offsetParent !== null);
export const shown = () => wanted;
// What is loaded of the item that is shown; null until it has come.
export const content = () => document.getElementById(`of-need-${shown()}`);
export const linkOf = (key) => links().find((link) => link.dataset.need === key);
let place = 0;
let wanted = "";

const at = (section, key) => section.setAttribute("hx-get", `/section/${section.id}${key ? `?need=${encodeURIComponent(key)}` : ""}`);

function markCurrent(key) {
  for (const link of list()?.querySelectorAll("a[data-need]") ?? []) {
    link.dataset.need === key ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
}

// Scrolls the list alone, never the page.
function scrollTo(link) {
  const box = link?.closest("ol");
  if (box && (link.offsetTop < box.scrollTop + box.offsetTop || link.offsetTop + link.offsetHeight > box.scrollTop + box.offsetTop + box.clientHeight)) {
    box.scrollTop = link.offsetTop - box.offsetTop - box.clientHeight / 2;
  }
}

// Loads an item into the section beside the list; the promise of the end of that.
function load(key) {
  at(list(), key);
  at(detail(), key);
  wanted = key;
  detail().hidden = false;
  // Until the item has come, no click or key reaches the controls of the one before.
  const before = detail().querySelector(":scope > [id^=of-need-]");
  if (before && before !== content()) {
    before.inert = true;
  }
  place = links().findIndex((link) => link.dataset.need === key);
  markCurrent(key);
  scrollTo(linkOf(key));
  return refresh(detail());
}

// An entry of the history for each choice; those that follow one another by key share one.
export function choose(key, { byKey = false, replace = false } = {}) {
  if (key === shown() && query().get("need") === key) {
    return Promise.resolve();
  }
  const params = query();
  params.set("need", key);
  params.delete("base");
  write(params, { replace: replace || (byKey && Boolean(history.state?.byKey)), state: { byKey } });
  return load(key);
}

// Gives the focus to an item of the list and shows it.
export function focusOn(link) {
  document.querySelector("[data-row][data-selected]")?.removeAttribute("data-selected");
  link.setAttribute("data-selected", "");
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
  return choose(link.dataset.need, { byKey: true });
}

function followAddress() {
  const named = query().get("need");
  if (detail() && named && named !== shown()) {
    load(named);
  }
}

const typing = () => detail()?.contains(document.activeElement) && document.activeElement.matches("input, textarea");

// The list has changed: what is shown stays; where it is gone, the item at its place is shown, unless the operator types.
function settle() {
  const all = links();
  const key = shown();
  markCurrent(key);
  if (!all.length) {
    key && !typing() && load("");
  } else if (!linkOf(key) && !typing()) {
    choose(all[Math.max(0, Math.min(place, all.length - 1))].dataset.need, { replace: true });
  } else {
    place = all.findIndex((link) => link.dataset.need === key);
  }
}

// A login that was begun here goes on with its code.
function continueLogin() {
  const field = content()?.querySelector("[data-action=login_code] input[name=value]");
  const elsewhere = document.activeElement?.matches("input, textarea, select");
  if (field && !field.dataset.offered && !elsewhere && document.activeElement?.closest("#need, #needs, body")) {
    field.dataset.offered = "yes";
    field.focus();
  }
}

export function start() {
  if (!detail() || !globalThis.htmx) {
    return;
  }
  wanted = detail().dataset.need;
  place = Math.max(0, links().findIndex((link) => link.dataset.need === shown()));
  scrollTo(linkOf(shown()));
  follow(followAddress);
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    ctx.target?.id === "needs" && settle();
    if (ctx.target?.id === "need") {
      // A refresh of the item before was under way, and took the place of the request for this one.
      detail().dataset.need === wanted ? continueLogin() : load(wanted);
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-need]");
    if (link && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      choose(link.dataset.need);
    }
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches?.("#needs a[data-need]:focus-visible")) {
      choose(target.dataset.need, { byKey: true });
    }
  });
}
