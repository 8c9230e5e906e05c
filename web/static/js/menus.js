// Menus, the words beside buttons, retries, and what is said aloud to those who do not look.

import { refresh } from "./refresh.js";

const DONE_MS = 2500;
const CLOSE_MS = 700;

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) {
      menu.open = false;
    }
  }
}

export function escape() {
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  return Boolean(menu);
}

function outcome(event) {
  const box = event.detail.ctx.target;
  const done = box?.querySelector?.("[data-done]");
  if (!done) {
    return;
  }
  say(done.textContent.trim());
  setTimeout(() => done.remove(), DONE_MS);
  const menu = box.closest("details[data-menu]");
  if (menu) {
    setTimeout(() => {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      inside && menu.querySelector("summary").focus();
    }, CLOSE_MS);
  }
}

export function say(text) {
  const box = document.getElementById("live-said");
  if (box && box.textContent !== text) {
    box.textContent = text;
  }
}

function waiting() {
  const count = Number(document.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
  const title = document.title.replace(/^\(\d+\) /, "");
  const wanted = count ? `(${count}) ${title}` : title;
  if (document.title !== wanted) {
    document.title = wanted;
    count && say(`${count} ${count === 1 ? "needs" : "need"} you`);
  }
}

export function start() {
  waiting();
  document.addEventListener("htmx:after:swap", (event) => {
    outcome(event);
    if (event.detail.ctx.target?.id === "banner") {
      waiting();
    }
  });
  document.addEventListener("toggle", (event) => event.target.matches?.("details[data-menu]") && event.target.open && closeMenus(event.target), true);
  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target.closest("details[data-menu]"));
    target.closest("[data-dismiss]")?.closest(".refusal").remove();
    const retry = target.closest("[data-retry]");
    if (retry) {
      const section = retry.closest("[data-section]");
      if (section && globalThis.htmx) {
        event.preventDefault();
        refresh(section);
      }
    }
  });
}
