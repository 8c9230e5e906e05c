// N33DS Y0U is a list with the chosen item beside it. Which item that is stands in the address (`need`); without it, it is the
// item that was the first when the page was loaded.

import { follow, query, write } from "../view/address.js";
import { refresh } from "../refresh.js";

const list = () => document.getElementById("needs");
export const detail = () => document.getElementById("need");
export const links = () => [...(list()?.querySelectorAll("a[data-need]") ?? [])].filter((link) => link.offsetParent !== null);
export const shown = () => detail()?.dataset.need ?? "";
export const linkOf = (key) => links().find((link) => link.dataset.need === key);
let place = 0;

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
  detail().dataset.need = key;
  detail().hidden = false;
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
  const wanted = query().get("need");
  if (detail() && wanted && wanted !== shown()) {
    load(wanted);
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

export function start() {
  if (!detail() || !globalThis.htmx) {
    return;
  }
  place = Math.max(0, links().findIndex((link) => link.dataset.need === shown()));
  scrollTo(linkOf(shown()));
  follow(followAddress);
  document.addEventListener("htmx:after:swap", (event) => event.detail.ctx.target?.id === "needs" && settle());
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
