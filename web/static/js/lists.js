// Lists that grow at their end: each stays at its bottom while the operator is there, and counts new rows otherwise.

import { setReader } from "./refresh.js";
import { update } from "./times.js";

const STICK_PX = 48;
const PAGE_ROWS = 100;

export const isAtBottom = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < STICK_PX;
const pillOf = (list) => list.parentElement.querySelector("[data-pill]");
export const toBottom = (list) => {
  list.scrollTop = list.scrollHeight;
  setUnseen(list, 0);
};

export function setUnseen(list, count) {
  const pill = pillOf(list);
  if (pill) {
    list.dataset.unseen = count;
    pill.querySelector("[data-count]").textContent = count;
    pill.hidden = count === 0;
  }
}

function trim(list, rows) {
  const extra = rows.children.length - Number(list.dataset.maxRows ?? 500);
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

async function append(section) {
  const list = section.querySelector("[data-sticky]");
  if (!list || !globalThis.htmx) {
    return;
  }
  const stuck = isAtBottom(list);
  let [added, page] = [0, 0];
  do {
    page = await fetchRows(list, { after: list.dataset.lastId }, "beforeend");
    added += page;
    await new Promise((resolve) => setTimeout(resolve)); // keys and clicks come first
  } while (page >= PAGE_ROWS);
  if (added > 0) {
    list.querySelector("[data-empty]")?.remove();
    unfoldAll(section);
    update(list);
  }
  if (stuck) {
    trim(list, list.querySelector("[data-rows]"));
    toBottom(list);
  } else if (added > 0) {
    setUnseen(list, Number(list.dataset.unseen ?? 0) + added);
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
  update(list);
  button.disabled = false;
  button.hidden = added === 0 || list.querySelector("[data-rows]").children.length >= Number(list.dataset.maxRows ?? 500);
}

export function unfoldAll(section) {
  const all = section.querySelector("[data-unfold-all]")?.checked;
  if (all) {
    for (const one of section.querySelectorAll("[data-rows] .row details")) {
      one.open = true;
    }
  }
}

function scrollToEnds(root) {
  for (const end of root?.querySelectorAll?.("[data-scroll-to-end]") ?? []) {
    end.scrollTop = end.scrollHeight;
  }
}

export function start() {
  scrollToEnds(document);
  // The rows of these lists never change, so that even after a gap only the missing ones are fetched.
  setReader((element) => element.hasAttribute("data-appends") && !element.querySelector("[data-log]"), append);
  document.addEventListener("htmx:after:request", (event) => {
    const ctx = event.detail.ctx;
    const last = ctx?.response?.headers?.get?.("X-Last-Id");
    if (last && ctx.sourceElement?.matches?.("[data-sticky]") && !/[?&]before=/.test(ctx.request.action)) {
      ctx.sourceElement.dataset.lastId = last;
    }
  });
  document.querySelectorAll("[data-sticky]:not([data-from-top])").forEach(toBottom);
  document.addEventListener(
    "scroll",
    ({ target }) => target.matches?.("[data-sticky]") && isAtBottom(target) && setUnseen(target, 0),
    { passive: true, capture: true },
  );
  document.addEventListener("htmx:after:swap", (event) => {
    const { target } = event.detail.ctx;
    scrollToEnds(target);
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
      for (const one of event.target.closest("section").querySelectorAll("[data-rows] .row details")) {
        one.open = event.target.checked;
      }
    }
  });
}
