// A form that got no answer says so beside its button; what was typed stays.

import { announce } from "../menus.js";

const SENTENCE = "hive-web did not answer: it is not known whether this was done";
const HINT = "what you typed is still here; send it again when the page is connected";

function say(box) {
  const refusal = document.createElement("div");
  refusal.className = "refusal";
  refusal.setAttribute("role", "alert");
  for (const [text, name] of [[SENTENCE, ""], [HINT, "hint"]]) {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    refusal.append(line);
  }
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "quiet";
  dismiss.dataset.dismiss = "";
  dismiss.ariaLabel = "dismiss this message";
  dismiss.textContent = "✕";
  refusal.append(dismiss);
  box.replaceChildren(refusal);
  announce(SENTENCE);
}

export function start() {
  document.addEventListener("htmx:error", (event) => {
    const form = event.detail?.ctx?.sourceElement;
    if (form?.matches?.("form[method=post]") && event.detail.error instanceof TypeError) {
      say(form.querySelector(".outcome") ?? document.getElementById("refusals"));
    }
  });
}
