// The lines of a review by keyboard: arrows move by line where the differences have the focus, [ and ] move by hunk, c comments
// on the line, v marks its file as viewed.

import { write } from "./comments.js";

const seen = (element) => element.offsetParent !== null;

// The review that keys are about: in the open panel, else the one with the focus, else the only one that is seen.
function review() {
  const open = document.querySelector("#panel:not([hidden]) .review");
  const near = document.activeElement?.closest(".review");
  const others = [...document.querySelectorAll("main .review")].filter(seen);
  return open ?? near ?? (others.length === 1 ? others[0] : null);
}

const ROWS = ".diff tbody tr:not(.hunk, .remark, .more, .noted)";
const CHANGED = ".diff tr:is(.add, .del, .changed)";

const rows = (root) => [...root.querySelectorAll(ROWS)].filter(seen);
const current = (root) => root.querySelector(".diff tr[data-current]");

function select(root, row) {
  current(root)?.removeAttribute("data-current");
  if (row) {
    row.setAttribute("data-current", "");
    row.closest(".lines").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    const place = placeOf(row);
    const code = row.querySelector("td.code:not(.none)");
    document.getElementById("announcements").textContent = `${place.side} line ${place.line}: ${code?.textContent ?? ""}`;
  }
}

function move(root, step) {
  const all = rows(root);
  const at = all.indexOf(current(root));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step));
  select(root, all[next]);
  return all.length > 0;
}

// A hunk is a run of changed lines.
function moveByHunk(root, step) {
  const all = rows(root);
  const starts = all.filter((row, at) => row.matches(CHANGED) && !(at > 0 && all[at - 1].matches(CHANGED) && all[at - 1].parentElement === row.parentElement));
  const at = all.indexOf(current(root));
  const ahead = starts.filter((row) => (step > 0 ? all.indexOf(row) > at : all.indexOf(row) < at));
  select(root, step > 0 ? ahead[0] ?? starts.at(-1) : (at < 0 ? starts[0] : ahead.at(-1) ?? starts[0]));
  return starts.length > 0;
}

// Where a comment on this row belongs: the new line, or the old one where there is no new one.
export function placeOf(row, cell = null) {
  const [first, second] = [...row.querySelectorAll("td.no")];
  const old = first?.textContent.trim() ?? "";
  const fresh = second?.textContent.trim() ?? "";
  const wantsOld = !fresh || (cell === first && old && row.matches(".changed"));
  return { content: row.closest("[data-content]").dataset.content, side: wantsOld ? "old" : "new", line: wantsOld ? old : fresh };
}

function comment(root) {
  const row = current(root) ?? rows(root).find((one) => one.matches(CHANGED)) ?? rows(root)[0];
  if (!row || !root.querySelector("[data-write-at]")) {
    return false;
  }
  select(root, row);
  write(root, placeOf(row));
  return true;
}

export function toggleViewed(file) {
  const form = file?.querySelector("form[data-viewed]");
  form?.requestSubmit();
  return Boolean(form);
}

function view(root) {
  const here = current(root)?.closest("[data-file]") ?? document.activeElement?.closest("[data-file]");
  const unread = [...root.querySelectorAll("[data-file]")].find((file) => file.querySelector("[data-viewed] [aria-pressed=false]"));
  return toggleViewed(here ?? unread);
}

const KEYS = {
  "]": (root) => moveByHunk(root, 1),
  "[": (root) => moveByHunk(root, -1),
  c: comment,
  v: view,
};
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

function onKeydown(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) {
    return;
  }
  const inLines = event.target.closest(".review .lines");
  const root = inLines?.closest(".review") ?? review();
  const step = inLines && ARROWS[event.key];
  if (root && ((step && move(root, step)) || (Object.hasOwn(KEYS, event.key) && KEYS[event.key](root)))) {
    event.preventDefault();
  }
}

export function start() {
  if (!globalThis.htmx) {
    return;
  }
  document.addEventListener("keydown", onKeydown);
  document.addEventListener("click", (event) => {
    const cell = event.target.closest(".review .diff td.no");
    const row = cell?.parentElement;
    const root = row?.closest(".review");
    if (row?.matches(ROWS) && root.querySelector("[data-write-at]")) {
      select(root, row);
      write(root, placeOf(row, cell));
    }
  });
  document.addEventListener("submit", (event) => {
    const file = event.target.matches("form[data-viewed]") && event.target.closest("[data-file]");
    if (file) {
      file.open = event.target.elements.viewed.value !== "1";
    }
  });
}
