// Where a comment is written: the review is read again with the field below its line, and without it when it was kept.

import { refresh } from "../refresh.js";

const KEYS = ["on", "side", "line"];

async function ask(root, place) {
  const url = new URL(root.getAttribute("hx-get"), location.href);
  KEYS.forEach((key) => url.searchParams.delete(key));
  for (const [key, value] of Object.entries(place)) {
    if (value) {
      url.searchParams.set(key, value);
    }
  }
  root.setAttribute("hx-get", url.pathname + url.search);
  await refresh(root);
  return root.isConnected ? root : document.getElementById(root.id);
}

export async function write(root, { content, side, line }) {
  const shown = await ask(root, { on: content, side, line });
  const field = shown?.querySelector("[data-write] textarea");
  field?.focus();
  field?.scrollIntoView({ block: "nearest" });
}

async function close(root) {
  const shown = await ask(root, {});
  const row = shown?.querySelector(".diff tr[data-current]");
  (row?.closest(".lines") ?? shown?.querySelector("[data-write-at] button"))?.focus({ preventScroll: true });
}

export function start() {
  if (!globalThis.htmx) {
    return;
  }
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-write-at]");
    if (form) {
      event.preventDefault();
      const { on, side, line } = form.elements;
      write(form.closest(".review"), { content: on.value, side: side.value, line: line.value });
    }
  });
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-write-close]");
    if (cancel) {
      event.preventDefault();
      close(cancel.closest(".review"));
    }
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form[data-write]");
    if (form && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(form.closest(".review"));
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.closest("form.write")?.requestSubmit();
    }
  }, true);
  document.addEventListener("hive:noted", (event) => {
    const root = event.target.closest(".review");
    root && close(root);
  });
}
