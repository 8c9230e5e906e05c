// Which parts of the page are out of date, and reading them again: merged, one request a section at a time.

const GAP_MS = 150;
const SHARE = 3;
const states = new Map();

function topicsOf(element) {
  return (element.dataset.topics ?? "").split(" ");
}

// `read(element, everything)` is what a section does when it is out of date; lists append, the rest is morphed.
const readers = [];
export const reader = (matches, read) => readers.push({ matches, read });

async function read(element, everything) {
  const own = readers.find(({ matches }) => matches(element));
  if (own) {
    return own.read(element, everything);
  }
  return refresh(element);
}

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

async function work(state) {
  state.busy = true;
  while (state.dirty) {
    const everything = state.everything;
    state.dirty = state.everything = false;
    const element = document.getElementById(state.id);
    const began = performance.now();
    if (element) {
      await read(element, everything);
    }
    // What is dear to read is read less often: at most a quarter of the time goes into one section.
    const pause = Math.max(GAP_MS, SHARE * (performance.now() - began));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  state.busy = false;
}

export function touch(topics) {
  const changed = new Set(topics);
  const everything = changed.has("*");
  for (const element of document.querySelectorAll("[data-topics][id]")) {
    if (!everything && !topicsOf(element).some((topic) => changed.has(topic))) {
      continue;
    }
    const state = states.get(element.id) ?? { id: element.id, dirty: false, everything: false, busy: false };
    states.set(element.id, state);
    state.dirty = true;
    state.everything ||= everything;
    if (!state.busy) {
      work(state);
    }
  }
}
