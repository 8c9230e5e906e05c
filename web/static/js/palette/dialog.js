// The palette (Ctrl-K, /): a line that leads anywhere and does what the page can do. The server answers what a line means;
// the dialog shows it, moves through it and carries it out. Closing it returns the focus.

import { announce } from "../menus.js";
import { act } from "./act.js";
import { fill, move, selected } from "./list.js";

const TYPING_MS = 60;
const CLOSE_MS = 600;
let due = null;
let asked = null;

const dialog = () => document.getElementById("palette");
const input = () => document.getElementById("palette-input");
const say = (text) => (document.getElementById("palette-status").textContent = text);

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const url = new URL("/api/palette", location.href);
  url.searchParams.set("q", input().value);
  try {
    const response = await fetch(url, { signal });
    if (response.status === 401) {
      location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
    fill(response.ok ? await response.json() : []);
    response.ok || say("hive-web refused the line");
  } catch (error) {
    signal.aborted || say(`hive-web did not answer: ${error.message}`);
  }
}

export function open(line = "") {
  const shown = dialog();
  if (!shown || shown.open) {
    return Boolean(shown);
  }
  input().value = line;
  say("");
  fill([]);
  shown.showModal();
  input().focus();
  ask();
  return true;
}

function complete(entry) {
  if (entry.command) {
    input().value = entry.command;
    ask();
  }
}

async function choose(option) {
  const entry = option?.entry;
  if (!entry) {
    return;
  }
  if (entry.missing) {
    complete(entry);
    say(entry.missing);
    return;
  }
  if (entry.confirm && !option.dataset.asked) {
    option.dataset.asked = "1";
    option.classList.add("asked");
    say(`Enter once more to ${entry.title}`);
    return;
  }
  say("…");
  const outcome = await act(entry);
  say(outcome.text);
  dialog().classList.toggle("refused", !outcome.done);
  if (outcome.done) {
    announce(`${entry.title}: ${outcome.text}`);
    setTimeout(() => dialog().close(), CLOSE_MS);
  }
}

function onKeydown(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    say("");
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Tab" && !event.shiftKey && selected()?.entry.command) {
    event.preventDefault();
    complete(selected().entry);
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    choose(selected());
  }
}

export function start() {
  const shown = dialog();
  if (!shown) {
    return;
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      shown.open ? shown.close() : open();
    }
  });
  shown.addEventListener("keydown", (event) => event.ctrlKey || event.metaKey || event.stopPropagation());
  input().addEventListener("keydown", onKeydown);
  input().addEventListener("input", () => {
    clearTimeout(due);
    due = setTimeout(ask, TYPING_MS);
    say("");
    dialog().classList.remove("refused");
  });
  shown.addEventListener("click", (event) => {
    event.target === shown && shown.close();
    choose(event.target.closest("[role=option]"));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open();
    }
  });
}
