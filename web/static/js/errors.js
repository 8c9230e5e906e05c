// Faults of the page are shown, never swallowed: scripts, promises, swaps, refused resources.

export function show(text) {
  const bar = document.getElementById("bar-error");
  if (!bar) {
    return;
  }
  bar.querySelector("[data-fault]").textContent = String(text).slice(0, 400);
  bar.hidden = false;
}

export function start() {
  addEventListener("error", (event) => show(event.message || "a resource could not be loaded"));
  addEventListener("unhandledrejection", (event) => show(event.reason?.message ?? event.reason));
  document.addEventListener("securitypolicyviolation", (event) =>
    show(`the page's policy refused ${event.blockedURI} (${event.violatedDirective})`),
  );
  document.addEventListener("htmx:error", (event) => {
    const error = event.detail?.error;
    // A request that found no server is told by the bar for an absent hive, one that was replaced by nothing.
    if (error && error.name !== "AbortError" && !(error instanceof TypeError && /fetch/i.test(error.message))) {
      show(error.message ?? error);
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss-bar]")) {
      event.target.closest(".bar").hidden = true;
    }
  });
}
