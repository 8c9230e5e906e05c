// The address of the page is the state of its view: Back shows what was there before, and a link shows the same elsewhere.
// Each part of the page owns some keys of the query and shows what they say.

const listeners = [];

export const query = () => new URLSearchParams(location.search);

// `show` is called at the start and whenever Back or Forward has changed the address.
export const follow = (show) => listeners.push(show);

// A new entry of the history, or with `replace` another address for the present one.
export function write(params, { replace = false, state = {} } = {}) {
  const address = location.pathname + (params.size ? `?${params}` : "") + location.hash;
  if (address !== location.pathname + location.search + location.hash) {
    history[replace ? "replaceState" : "pushState"](state, "", address);
  }
}

const showAll = () => listeners.forEach((show) => show());

export function start() {
  if (document.body.dataset.events && globalThis.htmx) {
    addEventListener("popstate", showAll);
    showAll();
  }
}
