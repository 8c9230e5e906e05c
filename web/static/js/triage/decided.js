// What follows a decision: it is announced, the next item is shown and has the focus, and what can be undone waits for `u`.

import { announce } from "../menus.js";
import { detail, focusOn, linkOf, links, shown } from "./selection.js";

// These leave the item as it is.
const STAYS = new Set(["pause", "login_start", "login_cancel", "log", "wake-need"]);
let undoing = null;

export function undo() {
  if (undoing) {
    const { path, key } = undoing;
    const values = { csrf: detail().querySelector("input[name=csrf]")?.value ?? document.querySelector("input[name=csrf]").value, ...Object.fromEntries(new URL(path, location.href).searchParams) };
    undoing = null;
    htmx.ajax("POST", new URL(path, location.href).pathname, { values, swap: "none", target: "body" }).then(() => announce(`undone: ${key} is shown again`));
  } else {
    announce("there is nothing to undo");
  }
  return true;
}

// What the next item is called, for a reader without sight.
const nameOf = (link) => [".kind", ".agent-name", ".sentence"].map((part) => link.querySelector(part)?.textContent.trim()).join(" ");

function goOn(form, word) {
  const key = shown();
  const here = linkOf(key);
  const all = links();
  const rest = all.filter((link) => link !== here && !link.closest("[data-decided]"));
  const next = rest.find((link) => all.indexOf(link) > all.indexOf(here)) ?? rest.at(-1);
  const said = `${here ? nameOf(here) : key}: ${word || form.dataset.action || "done"}`;
  here?.closest("li").setAttribute("data-decided", "");
  if (next) {
    focusOn(next);
    announce(`${said}. Next of ${rest.length}: ${nameOf(next)}`);
  } else {
    document.getElementById("main").focus();
    announce(`${said}. Nothing else needs you`);
  }
}

function decided(form, response, word) {
  const path = response?.headers?.get?.("X-Undo");
  undoing = path ? { path, key: shown() } : null;
  if (STAYS.has(form.dataset.action)) {
    announce(word);
  } else {
    goOn(form, word);
  }
}

export function start() {
  if (!detail() || !globalThis.htmx) {
    return;
  }
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const form = ctx.target?.closest?.("#need form[method=post]");
    const done = form && ctx.target.querySelector("[data-done]");
    done && decided(form, ctx.response, done.textContent.replace("✓", "").trim());
  });
  // A request without an answer to show, such as that mail is read.
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const form = ctx?.sourceElement;
    if (ctx?.response?.status === 204 && form?.matches?.("#need form[method=post]")) {
      decided(form, ctx.response, "done");
    }
  });
}
