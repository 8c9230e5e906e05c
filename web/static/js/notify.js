// Browser notifications: one for each approval, question and mail, each under a tag of its own. What is there when the
// page is loaded was seen on it, so the first look only remembers.

import { say } from "./menus.js";

const MUTED = "hive.muted";
const SETTLE_MS = 200;
const TOPICS = ["approvals", "questions", "inbox", "*"];
const seen = new Set();
let seeded = false;
let asking = 0;

const supported = () => "Notification" in globalThis && globalThis.isSecureContext;
const muted = () => localStorage.getItem(MUTED) === "yes";
export const wanted = () => supported() && Notification.permission === "granted" && !muted();

function show(need) {
  try {
    const shown = new Notification(need.title, { body: need.body, tag: `hive-${need.key}` });
    console.debug("notification shown", need.key);
    shown.onclick = () => {
      globalThis.focus();
      location.assign(need.href);
      shown.close();
    };
  } catch (error) {
    console.debug("notification refused", need.key, error);
  }
}

async function look() {
  const box = document.querySelector("[data-notify]");
  if (!wanted()) {
    return;
  }
  const answer = await fetch(box.dataset.from, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    return;
  }
  const { needs } = await answer.json();
  for (const need of needs) {
    if (!seen.has(need.key) && seeded) {
      show(need);
    }
    seen.add(need.key);
  }
  seeded = true;
}

function later() {
  clearTimeout(asking);
  asking = setTimeout(look, SETTLE_MS);
}

function control() {
  const box = document.querySelector("[data-notify]");
  const button = box.querySelector("button");
  box.hidden = false;
  button.disabled = false;
  if (!supported()) {
    button.disabled = true;
    button.textContent = "🔕 no notifications here";
    button.title = "this browser has none, or the page is not served from a secure address";
  } else if (Notification.permission === "denied") {
    button.disabled = true;
    button.textContent = "🔕 blocked";
    button.title = "the browser was told to block notifications of this page";
  } else if (Notification.permission === "granted") {
    button.textContent = muted() ? "🔕 muted" : "🔔 on";
    button.title = muted() ? "show notifications again" : "show no notifications in this browser";
    button.ariaPressed = String(!muted());
  } else {
    button.textContent = "🔔 notify me";
    button.title = "approvals, questions and mail as notifications of this browser";
  }
}

async function pressed() {
  if (Notification.permission === "granted") {
    localStorage.setItem(MUTED, muted() ? "no" : "yes");
    say(muted() ? "notifications are muted" : "notifications are on");
  } else {
    await Notification.requestPermission();
  }
  // What happened while nobody wanted to hear of it is on the page.
  seeded = false;
  control();
  look();
}

export function start() {
  if (!document.querySelector("[data-notify]")) {
    return;
  }
  control();
  look();
  document.querySelector("[data-notify-button]").addEventListener("click", pressed);
  document.addEventListener("hive:topics", (event) => event.detail.some((topic) => TOPICS.includes(topic)) && later());
}
