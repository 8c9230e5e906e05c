// The composer: Enter sends, Shift+Enter breaks the line, @ and / complete, the recipient is remembered, a sent message
// clears the field.

const RECIPIENT = "hive.to";
let sent = null;

const form = () => document.querySelector("form[data-compose]");
const area = (box) => box.querySelector("textarea");

export function writeTo(name) {
  const box = form();
  if (!box) {
    return false;
  }
  const to = box.elements.to;
  if (to) {
    to.value = name;
    localStorage.setItem(RECIPIENT, name);
  }
  area(box).focus();
  box.scrollIntoView({ block: "nearest" });
  return true;
}

// ---- completion -----------------------------------------------------------------------------------------------------

function candidates(box, text) {
  if (box.hasAttribute("data-slash")) {
    const typed = /^\/[a-z-]*$/.exec(text)?.[0];
    return typed ? { typed, found: box.querySelector(".completions").dataset.commands.split(" ") } : null;
  }
  const typed = /(?:^|\s)@([a-z0-9-]*)$/.exec(text)?.[1];
  const names = [...box.querySelectorAll("datalist option")].map((option) => option.value).filter((name) => name !== "*");
  return typed === undefined ? null : { typed, found: names };
}

function offer(box) {
  const list = box.querySelector(".completions");
  const field = area(box);
  const wanted = candidates(box, field.value.slice(0, field.selectionStart));
  const found = wanted ? wanted.found.filter((word) => word.startsWith(wanted.typed) && word !== wanted.typed) : [];
  list.replaceChildren(
    ...found.slice(0, 8).map((word, index) => {
      const item = document.createElement("li");
      item.role = "option";
      item.textContent = word;
      item.ariaSelected = String(index === 0);
      return item;
    }),
  );
  list.hidden = found.length === 0;
  list.dataset.typed = wanted?.typed ?? "";
}

function choose(box, item) {
  const list = box.querySelector(".completions");
  const field = area(box);
  const at = field.selectionStart;
  const start = at - list.dataset.typed.length;
  field.setRangeText(`${item.textContent} `, start, at, "end");
  list.hidden = true;
  redirect(box);
  resize(field);
}

function move(list, step) {
  const items = [...list.children];
  const at = items.findIndex((item) => item.ariaSelected === "true");
  items.forEach((item, index) => (item.ariaSelected = String(index === (at + step + items.length) % items.length)));
}

// `@bob ` at the beginning makes bob the recipient.
function redirect(box) {
  const to = box.elements.to;
  const field = area(box);
  const match = /^@([a-z][a-z0-9-]*)\s/.exec(field.value);
  const known = match && [...box.querySelectorAll("datalist option")].some((option) => option.value === match[1]);
  if (to && known) {
    to.value = match[1];
    localStorage.setItem(RECIPIENT, match[1]);
    field.value = field.value.slice(match[0].length);
  }
}

// ---- the field ------------------------------------------------------------------------------------------------------

function resize(field) {
  if (!CSS.supports("field-sizing", "content")) {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }
}

function onKeydown(event) {
  const box = event.target.closest("form[data-compose]");
  if (!box || event.target !== area(box) || event.isComposing) {
    return;
  }
  const list = box.querySelector(".completions");
  if (!list.hidden) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(list, event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) {
      event.preventDefault();
      choose(box, list.querySelector("[aria-selected=true]"));
      return;
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      list.hidden = true;
      return;
    }
  }
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send(box);
  }
}

function send(box) {
  const field = area(box);
  if (field.value.trim() === "/clear" && box.hasAttribute("data-slash")) {
    document.querySelector("[data-rows]").replaceChildren();
    field.value = "";
    return;
  }
  if (field.value.trim()) {
    box.requestSubmit(box.querySelector("button.main"));
  }
}

function onResponse(event) {
  const ctx = event.detail.ctx;
  if (!ctx.sourceElement?.matches?.("form[data-compose]")) {
    return;
  }
  const field = area(ctx.sourceElement);
  if (ctx.response.status < 400 && field.value === sent) {
    field.value = "";
    resize(field);
  }
}

export function start() {
  const box = form();
  if (!box) {
    return;
  }
  const to = box.elements.to?.type === "hidden" ? null : box.elements.to;
  const remembered = to && localStorage.getItem(RECIPIENT);
  if (remembered) {
    to.value = remembered;
  }
  to?.addEventListener("change", () => localStorage.setItem(RECIPIENT, to.value));
  document.addEventListener("keydown", onKeydown, true);
  document.addEventListener("htmx:before:request", (event) => {
    if (event.detail.ctx.sourceElement === box) {
      sent = area(box).value;
    }
  });
  document.addEventListener("htmx:after:request", onResponse);
  box.addEventListener("input", (event) => {
    if (event.target === area(box)) {
      redirect(box);
      offer(box);
      resize(event.target);
    }
  });
  box.addEventListener("focusout", () => setTimeout(() => (box.querySelector(".completions").hidden = true), 150));
  document.addEventListener("click", (event) => {
    const item = event.target.closest(".completions li");
    if (item) {
      choose(box, item);
      area(box).focus();
    }
    const link = event.target.closest("[data-write-to]");
    if (link && writeTo(link.dataset.writeTo)) {
      event.preventDefault();
      link.closest("details[data-menu]")?.removeAttribute("open");
    }
  });
}
