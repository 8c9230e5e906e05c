// Errors of the page are shown: of scripts, promises, swaps, and of resources that the policy refused.

export function show(text) {
  const bar = document.getElementById("bar-error");
  if (!bar) {
    return;
  }
  bar.querySelector("[data-error-text]").textContent = String(text).slice(0, 400);
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
    // The bar of the live stream reports an unreachable server, and an aborted request is no error.
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
