// One live stream a tab. It resumes where it was, pauses while the tab is hidden, and says when nobody answers.

import { wanted } from "./notify.js";
import { refresh, touch } from "./refresh.js";

const HIDDEN_MS = 10_000;
const BACKOFF_MS = [300, 600, 1200, 2500, 5000];
let stream = null;
let since = null;
let epoch = "";
let failures = 0;
let timer = null;
let lost = null;

const held = new Set();

// A hidden tab reads nothing again, it only remembers what it will have to; notifications look for themselves.
function changed(topics) {
  document.dispatchEvent(new CustomEvent("hive:topics", { detail: topics }));
  if (document.hidden) {
    topics.forEach((topic) => held.add(topic));
  } else {
    touch(topics);
  }
}

function bar(awaySince, text = "the hive is away") {
  const element = document.getElementById("bar-away");
  element.querySelector("b").textContent = text;
  const told = element.querySelector("[data-away-since]");
  told.replaceChildren();
  if (awaySince) {
    const time = document.createElement("time");
    time.dateTime = awaySince;
    time.textContent = `since ${new Date(awaySince).toLocaleTimeString([], { hour12: false })}`;
    told.append(time);
  }
  element.hidden = !awaySince;
  document.body.classList.toggle("away", Boolean(awaySince));
}

function address() {
  const url = new URL(document.body.dataset.events, location.href);
  if (since !== null) {
    url.searchParams.set("since", since);
    url.searchParams.set("epoch", epoch);
  }
  return url;
}

function open() {
  clearTimeout(timer);
  if (stream || (document.hidden && !wanted())) {
    return;
  }
  stream = new EventSource(address());
  const on = (kind, act) =>
    stream.addEventListener(kind, (event) => {
      if (event.lastEventId) {
        since = event.lastEventId;
      }
      act(JSON.parse(event.data));
    });
  on("hello", (said) => {
    failures = 0;
    if (epoch && said.epoch && said.epoch !== epoch) {
      changed(["*"]);
    }
    epoch = said.epoch ?? epoch;
    lost = null;
    document.documentElement.dataset.live = "on";
  });
  on("link", (said) => {
    const was = document.body.classList.contains("away");
    bar(said.away_since);
    if (was && !said.away_since) {
      changed(["*"]);
    }
  });
  on("notice", (said) => changed(said.topics));
  on("snapshot", () => changed(["*"]));
  stream.onerror = failed;
}

function close() {
  stream?.close();
  stream = null;
  document.documentElement.dataset.live = "off";
}

function failed() {
  close();
  failures += 1;
  lost ??= new Date().toISOString();
  if (failures >= 2) {
    bar(lost, "the page's server is away");
  }
  if (failures % 3 === 0) {
    whoAmI();
  }
  timer = setTimeout(open, BACKOFF_MS[Math.min(failures - 1, BACKOFF_MS.length - 1)]);
}

// A stream that was refused looks like one that broke; a request tells the difference.
async function whoAmI() {
  const answer = await fetch("/keys", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) {
    location.assign("/login");
  }
}

function regular(root) {
  const seconds = Number(root.dataset.every);
  setInterval(() => {
    const section = root.querySelector("[data-section]");
    if (section && !document.hidden && getSelection().isCollapsed && !document.body.classList.contains("away")) {
      refresh(section);
    }
  }, seconds * 1000);
}

export function start() {
  if (!document.body.dataset.events || !globalThis.htmx) {
    return;
  }
  since = document.body.dataset.epoch ? document.body.dataset.seq : null;
  epoch = document.body.dataset.epoch;
  open();
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => wanted() || close(), HIDDEN_MS);
    } else {
      touch([...held]);
      held.clear();
      open();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  document.addEventListener("hive:reread", () => touch(["inbox", "agents", "notices"]));
  document.querySelectorAll("[data-every]").forEach(regular);
}
