// The live stream of a tab, which all tabs of the browser share. It resumes at its last position, pauses while the tab is hidden, and reports an
// unreachable daemon or server.

import { wanted } from "./notifications.js";
import { invalidate, refresh } from "./refresh.js";
import { openStream } from "./stream/open.js";

const HIDDEN_MS = 10_000;
const BACKOFF_MS = [300, 600, 1200, 2500, 5000];
let stream = null;
let since = null;
let epoch = "";
let failures = 0;
let timer = null;
let lost = null;

const postponed = new Set();

// A hidden tab refreshes nothing until it is visible again; notifications have their own requests.
function changed(topics) {
  document.dispatchEvent(new CustomEvent("hive:topics", { detail: topics }));
  if (document.hidden) {
    topics.forEach((topic) => postponed.add(topic));
  } else {
    invalidate(topics);
  }
}

function showBar(awaySince, text = "the daemon is unreachable") {
  const element = document.getElementById("bar-away");
  element.querySelector("b").textContent = text;
  const moment = element.querySelector("[data-away-since]");
  moment.replaceChildren();
  if (awaySince) {
    const time = document.createElement("time");
    time.dateTime = awaySince;
    time.textContent = `since ${new Date(awaySince).toLocaleTimeString([], { hour12: false })}`;
    moment.append(time);
  }
  element.hidden = !awaySince;
  document.body.classList.toggle("away", Boolean(awaySince));
}

function streamUrl() {
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
  stream = openStream(streamUrl());
  const on = (kind, act) =>
    stream.addEventListener(kind, (event) => {
      if (event.lastEventId) {
        since = event.lastEventId;
      }
      act(JSON.parse(event.data));
    });
  on("hello", (data) => {
    failures = 0;
    if (epoch && data.epoch && data.epoch !== epoch) {
      changed(["*"]);
    }
    epoch = data.epoch ?? epoch;
    lost = null;
    document.documentElement.dataset.live = "on";
  });
  on("link", (data) => {
    const was = document.body.classList.contains("away");
    showBar(data.away_since);
    if (was && !data.away_since) {
      changed(["*"]);
    }
  });
  on("notice", (data) => changed(data.topics));
  on("snapshot", () => changed(["*"]));
  stream.onerror = onError;
}

function close() {
  stream?.close();
  stream = null;
  document.documentElement.dataset.live = "off";
}

function onError() {
  close();
  failures += 1;
  lost ??= new Date().toISOString();
  if (failures >= 2) {
    showBar(lost, "hive-web is unreachable");
  }
  if (failures % 3 === 0) {
    checkSession();
  }
  timer = setTimeout(open, BACKOFF_MS[Math.min(failures - 1, BACKOFF_MS.length - 1)]);
}

// A refused stream looks like a broken one; the status of a request tells the difference.
async function checkSession() {
  const response = await fetch("/keys", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
}

function refreshRegularly(root) {
  const seconds = Number(root.dataset.refreshSeconds);
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
      invalidate([...postponed]);
      postponed.clear();
      open();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  document.addEventListener("hive:reread", () => invalidate(["inbox", "agents", "notices"]));
  document.addEventListener("hive:expired", () => invalidate(["notices"]));
  document.querySelectorAll("[data-refresh-seconds]").forEach(refreshRegularly);
}
