// A table whose rows are read one by one: after an event of one agent its row is read again, and of the others the answer
// says only which stand where. Rows keep their elements, so that focus, open menus and what is typed stay.

import { refresh, setReader } from "../refresh.js";
import { place, rowOf } from "./places.js";

const SLICE_MS = 8;
const AT_ONCE = 20;
const PREFIX = "agent:";
const EVERYTHING = ["*", "all-agents"];
const TABLE = "table[data-rows-at]";

const namesIn = (topics) => [...topics].filter((topic) => topic.startsWith(PREFIX)).map((topic) => topic.slice(PREFIX.length));
const pause = () => globalThis.scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
const morph = (element, fresh) => htmx.swap({ text: fresh.outerHTML, target: element, sourceElement: element, swap: "outerMorph" });

// The table with the rows of these agents; undefined where the section has to be read as a whole. While the server or the
// daemon is away it is null: the rows stay, and everything is read when they are back.
async function fetchTable(address, names) {
  const url = new URL(address, location.href);
  url.searchParams.set("agents", names.join(","));
  const response = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) {
    return !response || response.status === 503 ? null : undefined;
  }
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  return page.content;
}

async function morphRows(fresh, names) {
  let began = performance.now();
  for (const name of names) {
    const [shown, row] = [rowOf(name), rowOf(name, fresh)];
    if (shown && row) {
      await morph(shown, row);
    }
    if (performance.now() - began > SLICE_MS) {
      await pause();
      began = performance.now();
    }
  }
}

async function readRows(section, topics) {
  const table = section.querySelector(TABLE);
  if (EVERYTHING.some((topic) => topics.has(topic))) {
    return refresh(section);
  }
  let wanted = namesIn(topics).filter((name) => rowOf(name));
  do {
    const names = wanted.splice(0, AT_ONCE);
    const address = table.dataset.rowsAt;
    const page = await fetchTable(address, names);
    const fresh = page?.querySelector(TABLE);
    if (page === null) {
      return null;
    }
    if (!fresh || !table.isConnected || table.dataset.rowsAt !== address) {
      return refresh(section);
    }
    await morphRows(fresh, names);
    for (const part of page.querySelectorAll("[data-part]")) {
      const shown = document.getElementById(part.id);
      shown && !shown.isEqualNode(part) && shown.replaceWith(part.cloneNode(true));
    }
    const missing = place(table, fresh).filter((name) => !wanted.includes(name));
    if (missing.length && missing.some((name) => names.includes(name))) {
      return refresh(section);
    }
    wanted.push(...missing);
    await pause();
  } while (wanted.length);
  return null;
}

export function start() {
  setReader((element) => Boolean(element.querySelector(TABLE)), readRows);
}
