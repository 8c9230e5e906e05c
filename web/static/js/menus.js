// Menus, the outcome beside a button, retries, and announcements to screen readers.

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

export function closeOpen() {
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  return Boolean(menu);
}

function showOutcome(event) {
  const box = event.detail.ctx.target;
  const done = box?.querySelector?.("[data-done]");
  if (!done) {
    return;
  }
  // What follows a decision of N33DS Y0U is announced with it.
  box.closest("#need") || announce(done.textContent.trim());
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

export function announce(text) {
  const box = document.getElementById("announcements");
  if (box && box.textContent !== text) {
    box.textContent = text;
  }
}

let counted = 0;

function showActionCount() {
  const count = Number(document.querySelector("[data-action-count]")?.dataset.actionCount ?? 0);
  const title = document.title.replace(/^\(\d+\) /, "");
  const wanted = count ? `(${count}) ${title}` : title;
  if (document.title !== wanted) {
    document.title = wanted;
    count > counted && announce(`${count} ${count === 1 ? "needs" : "need"} you`);
  }
  counted = count;
}

export function start() {
  showActionCount();
  document.addEventListener("htmx:after:swap", (event) => {
    showOutcome(event);
    if (event.detail.ctx.target?.id === "banner") {
      showActionCount();
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
