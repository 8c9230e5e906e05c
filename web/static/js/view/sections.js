// The views of sections: their filters, sort orders, pages and tabs are keys of the address. A section names its keys and the
// address from which it is read; a link or a form with `data-view` in it changes them.

import { follow, query, write } from "./address.js";
import * as panel from "../panel.js";
import { refresh } from "../refresh.js";

const TYPING_MS = 150;
let due = null;

const keysOf = (section) => section.dataset.keys.split(" ");

function own(section, params) {
  const found = new URLSearchParams();
  for (const key of keysOf(section)) {
    if (params.get(key)) {
      found.set(key, params.get(key));
    }
  }
  return found;
}

function show() {
  for (const section of document.querySelectorAll("[data-keys][data-at]:not(#panel *)")) {
    const wanted = own(section, query());
    const shown = own(section, new URL(section.getAttribute("hx-get"), location.href).searchParams);
    if (String(shown) !== String(wanted)) {
      // A refresh leaves the field that has the focus alone.
      for (const field of section.querySelectorAll("form[data-view] input:not([type=hidden])")) {
        const value = wanted.get(field.name) ?? "";
        if (field.name && field === document.activeElement && field.value !== value) {
          field.value = value;
        }
      }
      section.setAttribute("hx-get", section.dataset.at + (wanted.size ? `?${wanted}` : ""));
      refresh(section);
    }
  }
}

function change(section, params, options) {
  const all = query();
  keysOf(section).forEach((key) => all.delete(key));
  own(section, params).forEach((value, key) => all.set(key, value));
  write(all, options);
  show();
}

function onClick(event) {
  const link = event.target.closest("a[data-view]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) {
    return;
  }
  const target = new URL(link.href);
  const section = link.closest("[data-keys]");
  if (link.closest("#panel")) {
    event.preventDefault();
    panel.fetchInto(target.pathname + target.search, link);
  } else if (section && target.pathname === location.pathname) {
    event.preventDefault();
    change(section, target.searchParams);
  }
}

const isChoice = (field) => !field.value || [...field.list.options].some((option) => option.value === field.value);

// A form applies while the operator types, with one entry of the history for each field; one with a list of
// choices applies when one of them is entered.
function submit(form, field) {
  clearTimeout(due);
  const replace = Boolean(field) && history.state?.field === field;
  change(form.closest("[data-keys]"), new URLSearchParams(new FormData(form)), { replace, state: { field } });
}

export function start() {
  if (!document.body.dataset.events || !globalThis.htmx) {
    return;
  }
  document.addEventListener("click", onClick);
  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-view]");
    if (form?.dataset.view === "chosen") {
      isChoice(target) && submit(form, target.name);
    } else if (form) {
      clearTimeout(due);
      due = setTimeout(() => submit(form, target.name), target.type === "search" ? TYPING_MS : 0);
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-view]")) {
      event.preventDefault();
      submit(event.target);
    }
  });
  follow(show);
}
