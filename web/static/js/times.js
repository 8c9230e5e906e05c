// Ages, running times and countdowns advance without requests.

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "m"],
];
let skew = 0;
const written = new WeakMap();

const now = () => Date.now() + skew;

function ago(ms) {
  const seconds = Math.max(0, Math.floor((now() - ms) / 1000));
  for (const [size, unit] of UNITS) {
    if (seconds >= size) {
      return `${Math.floor(seconds / size)}${unit}`;
    }
  }
  return seconds < 1 ? "now" : `${seconds}s`;
}

function clock(ms) {
  const seconds = Math.max(0, Math.floor((now() - ms) / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function remaining(ms) {
  const seconds = Math.max(0, Math.floor((ms - now()) / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

function due(ms) {
  const seconds = Math.floor((ms - now()) / 1000);
  const unit = UNITS.find(([size]) => seconds >= size);
  return seconds <= 0 ? "due" : `in ${unit ? Math.floor(seconds / unit[0]) + unit[1] : `${seconds}s`}`;
}

function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// With the times as moments, what is older than today has its date.
function moment(ms) {
  const at = new Date(ms);
  const today = new Date(now());
  const date = at.toDateString() === today.toDateString() ? {} : { month: "short", day: "numeric", ...(at.getFullYear() === today.getFullYear() ? {} : { year: "numeric" }) };
  return at.toLocaleString([], { ...date, hour: "2-digit", minute: "2-digit", hour12: false });
}

const asMoments = () => document.documentElement.dataset.times === "absolute";

export function update(root = document) {
  for (const element of root.querySelectorAll("time[data-age]")) {
    setText(element, (asMoments() ? moment : ago)(Date.parse(element.dateTime)));
  }
  for (const element of root.querySelectorAll("time[data-clock]")) {
    setText(element, clock(Date.parse(element.dateTime)));
  }
  for (const element of root.querySelectorAll("time[data-countdown]")) {
    setText(element, remaining(Date.parse(element.dateTime)));
    element.parentElement.classList.toggle("over", Date.parse(element.dateTime) <= now());
  }
  for (const element of root.querySelectorAll("time[data-due]")) {
    setText(element, (asMoments() ? moment : due)(Date.parse(element.dateTime)));
  }
  for (const element of root.querySelectorAll("[data-until]")) {
    if (Number(element.dataset.until) <= now()) {
      element.remove();
      document.dispatchEvent(new CustomEvent("hive:expired"));
    }
  }
  for (const element of root.querySelectorAll("time[data-local]")) {
    if (element.textContent === written.get(element) && element.dataset.local !== "dated") {
      continue; // a time of day stays as it was written
    }
    const short = element.dataset.local === "minutes" ? { hour: "2-digit", minute: "2-digit" } : {};
    const at = new Date(element.dateTime);
    const day = element.dataset.local === "dated" && at.toDateString() !== new Date(now()).toDateString();
    const date = day ? `${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")} ` : "";
    setText(element, Number.isNaN(at.getTime()) ? "" : date + at.toLocaleTimeString([], { hour12: false, ...short }));
    written.set(element, element.textContent);
  }
}

export function start() {
  const served = Number(document.body.dataset.now);
  skew = served ? served - Date.now() : 0;
  // A small difference is the duration of the request, not a wrong clock.
  skew = Math.abs(skew) < 2000 ? 0 : skew;
  update();
  setInterval(() => document.hidden || update(), 1000);
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    const { target } = detail.ctx;
    update(target?.isConnected ? target : document);
  });
  document.addEventListener("visibilitychange", () => document.hidden || update());
  document.addEventListener("mouseover", (event) => {
    const element = event.target.closest?.("time[datetime]");
    if (element) {
      const ms = Date.parse(element.dateTime);
      const relative = ms > now() ? due(ms) : `${ago(ms)} ago`;
      element.title = asMoments() ? relative : new Date(ms).toLocaleString();
    }
  });
}
