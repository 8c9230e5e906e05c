// Lists that grow at their end: they stick to the bottom while you are there, and count what came while you are not.

import { reader } from "./refresh.js";
import { tick } from "./ticks.js";

const STICK_PX = 48;

const isAtBottom = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < STICK_PX;
const pillOf = (list) => list.parentElement.querySelector("[data-pill]");
const toBottom = (list) => {
  list.scrollTop = list.scrollHeight;
  missed(list, 0);
};

function missed(list, count) {
  const pill = pillOf(list);
  if (pill) {
    list.dataset.missed = count;
    pill.querySelector("[data-count]").textContent = count;
    pill.hidden = count === 0;
  }
}

function trim(list, rows) {
  const extra = rows.children.length - Number(list.dataset.keep ?? 500);
  for (let index = 0; index < extra; index += 1) {
    rows.firstElementChild.remove();
  }
}

async function fetchRows(list, query, swap) {
  const rows = list.querySelector("[data-rows]");
  const url = new URL(list.dataset.rowsAt, location.href);
  for (const [key, value] of Object.entries(query)) {
    url.searchParams.set(key, value);
  }
  const before = rows.children.length;
  await htmx.ajax("GET", url.pathname + url.search, { source: list, target: rows, swap });
  return rows.children.length - before;
}

export async function append(section) {
  const list = section.querySelector("[data-sticky]");
  if (!list || !globalThis.htmx) {
    return;
  }
  const stuck = isAtBottom(list);
  const added = await fetchRows(list, { after: list.dataset.last }, "beforeend");
  if (added > 0) {
    list.querySelector("[data-empty]")?.remove();
    unfold(section);
    tick(list);
  }
  if (stuck) {
    trim(list, list.querySelector("[data-rows]"));
    toBottom(list);
  } else if (added > 0) {
    missed(list, Number(list.dataset.missed ?? 0) + added);
  }
}

async function older(button) {
  const list = button.closest("[data-sticky]");
  const first = list.querySelector("[data-rows] > [data-id]");
  if (!first) {
    return;
  }
  button.disabled = true;
  const height = list.scrollHeight;
  const added = await fetchRows(list, { before: first.dataset.id }, "afterbegin");
  list.scrollTop += list.scrollHeight - height;
  tick(list);
  button.disabled = false;
  button.hidden = added === 0 || list.querySelector("[data-rows]").children.length >= Number(list.dataset.keep ?? 500);
}

function unfold(section) {
  const all = section.querySelector("[data-unfold-all]")?.checked;
  if (all) {
    for (const one of section.querySelectorAll("[data-rows] details")) {
      one.open = true;
    }
  }
}

function showEnds(root) {
  for (const end of root?.querySelectorAll?.("[data-end]") ?? []) {
    end.scrollTop = end.scrollHeight;
  }
}

export function start() {
  showEnds(document);
  // Rows never change once they are said, so that even after a gap only the missing ones are read.
  reader((element) => element.hasAttribute("data-appends"), (element) => append(element));
  document.addEventListener("htmx:after:request", (event) => {
    const ctx = event.detail.ctx;
    const last = ctx?.response?.headers?.get?.("X-Last-Id");
    if (last && ctx.sourceElement?.matches?.("[data-sticky]") && !/[?&]before=/.test(ctx.request.action)) {
      ctx.sourceElement.dataset.last = last;
    }
  });
  for (const list of document.querySelectorAll("[data-sticky]")) {
    toBottom(list);
    list.addEventListener("scroll", () => isAtBottom(list) && missed(list, 0), { passive: true });
  }
  document.addEventListener("htmx:after:swap", (event) => {
    const { target } = event.detail.ctx;
    showEnds(target);
    if (target?.id === "flow") {
      toBottom(target.querySelector("[data-sticky]"));
    }
  });
  document.addEventListener("click", (event) => {
    const pill = event.target.closest("[data-pill]");
    if (pill) {
      toBottom(pill.parentElement.querySelector("[data-sticky]"));
    }
    const button = event.target.closest("[data-older]");
    if (button) {
      older(button);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-unfold-all]")) {
      for (const one of event.target.closest("section").querySelectorAll("[data-rows] details")) {
        one.open = event.target.checked;
      }
    }
  });
}
