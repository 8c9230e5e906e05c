// Refreshes outdated sections: changes are merged, and each section has one request at a time.

const GAP_MS = 150;
const PAUSE_FACTOR = 3;
const states = new Map();

// A list that grows registers a reader of its own, which appends rows, and a table one that reads single rows; every other
// section is morphed.
const readers = [];
export const setReader = (matches, read) => readers.push({ matches, read });

const read = (element, topics) => (readers.find(({ matches }) => matches(element))?.read ?? refresh)(element, topics);

export function refresh(element) {
  if (!globalThis.htmx || !element.hasAttribute("hx-get")) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const done = (event) => {
      if (event.target === element) {
        element.removeEventListener("htmx:finally:request", done);
        clearTimeout(late);
        resolve();
      }
    };
    const late = setTimeout(done, 15000, { target: element });
    element.addEventListener("htmx:finally:request", done);
    htmx.trigger(element, "hive:refresh", {}, false);
  });
}

// The server answers with nothing for a section that has not changed.
function nameDigest({ detail: { ctx } }) {
  const { sourceElement, request } = ctx;
  if (sourceElement?.matches?.("[data-section][data-digest]") && request.method === "GET" && request.action === sourceElement.getAttribute("hx-get")) {
    request.headers["If-None-Match"] = `"${sourceElement.dataset.digest}"`;
  }
}
document.addEventListener("htmx:before:request", nameDigest);

async function refreshWhileDirty(state) {
  state.busy = true;
  while (state.dirty) {
    const topics = state.topics;
    Object.assign(state, { dirty: false, topics: new Set() });
    const element = document.getElementById(state.id);
    const began = performance.now();
    if (element) {
      await read(element, topics);
    }
    // An expensive section is refreshed less often: its requests take at most a quarter of the time.
    const pause = Math.max(GAP_MS, PAUSE_FACTOR * (performance.now() - began));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  state.busy = false;
}

export function invalidate(topics) {
  const changed = new Set(topics);
  const everything = changed.has("*");
  for (const element of document.querySelectorAll("[data-topics][id]")) {
    if (!everything && !element.dataset.topics.split(" ").some((topic) => changed.has(topic))) {
      continue;
    }
    const state = states.get(element.id) ?? { id: element.id, dirty: false, busy: false, topics: new Set() };
    states.set(element.id, state);
    state.dirty = true;
    changed.forEach((topic) => state.topics.add(topic));
    if (!state.busy) {
      refreshWhileDirty(state);
    }
  }
}
