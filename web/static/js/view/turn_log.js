// The turn log of an agent: it grows at both ends. Rows of a turn that is already shown go below its head; the list stays where the reader is.

import { isAtBottom, setUnseen, toBottom, unfoldAll } from "../lists.js";
import { setReader } from "../refresh.js";
import { update } from "../times.js";

const rowsOf = (list) => list.querySelector("[data-rows]");
const partsOf = (turn) => turn.querySelector("[data-turn-rows]");

// The page of rows that the server has for these values, in a list that is not shown.
async function fetchPage(list, query) {
  const staging = list.querySelector("[data-staging]");
  const url = new URL(list.dataset.rowsAt, location.href);
  Object.entries(query).forEach(([key, value]) => value && url.searchParams.set(key, value));
  await htmx.ajax("GET", url.pathname + url.search, { source: staging, target: staging, swap: "innerHTML" });
  const page = staging.querySelector(":scope > [data-page]");
  page?.remove();
  return page && { ...page.dataset, items: [...staging.children], count: staging.querySelectorAll(".row").length };
}

function renew(turn, fresh) {
  const head = fresh.querySelector(".turn-head");
  if (!head.hasAttribute("data-headless")) {
    turn.querySelector(".turn-head").replaceWith(head);
    turn.toggleAttribute("data-running", fresh.hasAttribute("data-running"));
  }
}

// `at` is "append" or "prepend"; a turn that both pages have is one.
function join(rows, items, at) {
  for (const item of at === "append" ? items : items.reverse()) {
    const known = item.dataset.turn && document.getElementById(item.id);
    if (known && !known.closest("[data-staging]")) {
      partsOf(known)[at](...partsOf(item).children);
      renew(known, item);
    } else if (!item.dataset.turn && document.querySelector(`[data-rows] [id="${CSS.escape(item.id)}"]`)) {
      item.remove();
    } else {
      rows[at](item);
    }
  }
}

const shape = (ms) => (ms < 1000 ? `${ms} ms` : ms < 10000 ? `${(ms / 1000).toFixed(1)} s` : ms < 120000 ? `${Math.round(ms / 1000)} s` : `${Math.floor(ms / 60000)}m`);

// A call and its answer can come in two pages.
function timeTools(list) {
  for (const answer of list.querySelectorAll("[data-answers]:not([data-answers=''])")) {
    const call = list.querySelector(`[data-call="${CSS.escape(answer.dataset.answers)}"]`);
    const took = call?.querySelector(".took");
    if (took && !took.textContent) {
      const [from, to] = [call, answer].map((row) => Date.parse(row.querySelector("time").dateTime));
      took.textContent = shape(Math.max(0, to - from));
    }
  }
}

function settle(list) {
  update(list);
  timeTools(list);
  unfoldAll(list.closest("section"));
}

// Rows that left the page at the top are reached by "older" again.
function trim(list) {
  const rows = rowsOf(list);
  let extra = rows.querySelectorAll(".row").length - Number(list.dataset.maxRows);
  while (extra > 0 && rows.children.length > 1) {
    extra -= Math.max(1, rows.firstElementChild.querySelectorAll(".row").length);
    rows.firstElementChild.remove();
    const first = rows.querySelector(".row");
    setEnd(list, "older", String(rows.firstElementChild.dataset.turn ?? Number.parseInt(first?.dataset.id ?? "0", 10)));
  }
}

function setEnd(list, end, value) {
  list.dataset[end] = value ?? "";
  const more = list.querySelector(`[data-log-${end}]`);
  more.hidden = !value;
  const link = more.querySelector("a");
  const url = new URL(link.href);
  url.searchParams.set(end, value ?? "");
  link.href = url.pathname + url.search;
}

async function follow(section) {
  const list = section.querySelector("[data-log]");
  if (!list || list.dataset.newer || !list.dataset.lastId) {
    return; // a page of the past ends before now
  }
  const running = rowsOf(list).querySelector(":scope > [data-running]")?.dataset.turn;
  const page = await fetchPage(list, { after: list.dataset.lastId, turn: running });
  if (!page) {
    return;
  }
  const stuck = isAtBottom(list);
  const top = list.scrollTop;
  join(rowsOf(list), page.items, "append");
  list.dataset.lastId = page.lastId || list.dataset.lastId;
  if (page.count) {
    list.querySelector("[data-empty]")?.remove();
  }
  settle(list);
  if (stuck) {
    trim(list);
    toBottom(list);
  } else {
    list.scrollTop = top;
    setUnseen(list, Number(list.dataset.unseen ?? 0) + page.count);
  }
  if (page.newer) {
    await follow(section);
  }
}

async function more(list, end) {
  const older = end === "older";
  const query = older ? { before: list.dataset.older } : { after: list.dataset.newer, page: 1 };
  const page = await fetchPage(list, query);
  if (!page) {
    return;
  }
  const from = list.scrollHeight - list.scrollTop;
  join(rowsOf(list), page.items, older ? "prepend" : "append");
  setEnd(list, end, page[end]);
  if (!older) {
    list.dataset.lastId = page.lastId;
  }
  settle(list);
  if (older) {
    list.scrollTop = list.scrollHeight - from;
  }
}

function jump(event) {
  const input = event.target.querySelector("input[name=at]");
  event.preventDefault();
  const url = new URL(event.target.action);
  const link = event.target.querySelector("a[data-view]");
  url.search = new URL(link.href).search;
  url.searchParams.set("at", new Date(input.value).toISOString().replace(/\.\d+Z$/, "Z"));
  link.href = url.pathname + url.search;
  link.click();
}

function show(section) {
  for (const zone of section?.querySelectorAll("[data-zone]") ?? []) {
    zone.textContent = "your time";
  }
  const list = section?.querySelector("[data-log]");
  if (list && !list.hasAttribute("data-from-top")) {
    toBottom(list);
  }
}

export function start() {
  if (!globalThis.htmx) {
    return;
  }
  setReader((element) => Boolean(element.querySelector("[data-log]")), follow);
  show(document.getElementById("log"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-log-older] a, [data-log-newer] a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      more(link.closest("[data-log]"), link.closest("[data-log-older]") ? "older" : "newer");
    }
  });
  document.addEventListener("submit", (event) => event.target.matches("[data-jump]") && jump(event));
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target?.id === "log") {
      show(document.getElementById("log"));
    }
  });
}
