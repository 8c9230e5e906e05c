// What is typed and not sent survives the loss of the page: an expired login, a reload, Back. It stays in this tab.

const KEY = "hive.typed:";
const FIELDS = "main textarea, main input[type=text], main input:not([type]), #panel textarea";

const place = () => KEY + location.pathname;
const nameOf = (field) => field.id || `${field.form?.getAttribute("action") ?? ""} ${field.name}`;

function keep() {
  const typed = [...document.querySelectorAll(FIELDS)]
    .filter((field) => field.name !== "typed" && field.name !== "to" && field.value !== field.defaultValue)
    .map((field) => [nameOf(field), field.value]);
  typed.length ? sessionStorage.setItem(place(), JSON.stringify(typed)) : sessionStorage.removeItem(place());
}

function restore() {
  const typed = new Map(JSON.parse(sessionStorage.getItem(place()) ?? "[]"));
  sessionStorage.removeItem(place());
  for (const field of document.querySelectorAll(FIELDS)) {
    const value = typed.get(nameOf(field));
    if (value && field.value === field.defaultValue) {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) {
        box.open = true;
      }
    }
  }
}

export function start() {
  if (!document.body.dataset.events) {
    return;
  }
  restore();
  addEventListener("pagehide", keep);
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") === "/logout") {
      removeEventListener("pagehide", keep);
      Object.keys(sessionStorage).filter((key) => key.startsWith(KEY)).forEach((key) => sessionStorage.removeItem(key));
    }
  });
}
