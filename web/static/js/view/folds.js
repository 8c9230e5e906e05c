// What is unfolded stands in the address (`open`), so that a reload and a link unfold it again.

import { follow, query, write } from "./address.js";

const FOLDS = "details.more[id]";
let named = new Set();

const fromAddress = () => new Set((query().get("open") ?? "").split(" ").filter(Boolean));

function show() {
  const before = named;
  named = fromAddress();
  for (const fold of document.querySelectorAll(FOLDS)) {
    if (named.has(fold.id) !== before.has(fold.id)) {
      fold.open = named.has(fold.id);
    }
  }
}

function keep(fold) {
  named = fromAddress();
  fold.open ? named.add(fold.id) : named.delete(fold.id);
  const params = query();
  named.size ? params.set("open", [...named].join(" ")) : params.delete("open");
  write(params, { replace: true, state: history.state });
}

export function start() {
  document.addEventListener("click", (event) => {
    const fold = event.target.closest("summary")?.parentElement;
    if (fold?.matches(FOLDS)) {
      setTimeout(() => keep(fold)); // after the toggle that the browser performs for this click
    }
  });
  follow(show);
}
