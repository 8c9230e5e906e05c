// Browser notifications: one for each approval, question and mail, each with a tag of its own. The operator sees the
// present ones on the page that is being loaded, so the first check only remembers them.

import { announce } from "./menus.js";

const MUTED = "hive.muted";
const SETTLE_MS = 200;
const TOPICS = ["approvals", "questions", "inbox", "*"];
const seen = new Set();
let seeded = false;
let timer = 0;

const supported = () => "Notification" in globalThis && globalThis.isSecureContext;
const muted = () => localStorage.getItem(MUTED) === "yes";
export const wanted = () => supported() && Notification.permission === "granted" && !muted();

function show(notification) {
  try {
    const shown = new Notification(notification.title, { body: notification.body, tag: `hive-${notification.key}` });
    console.debug("notification shown", notification.key);
    shown.onclick = () => {
      globalThis.focus();
      location.assign(notification.href);
      shown.close();
    };
  } catch (error) {
    console.debug("notification refused", notification.key, error);
  }
}

async function check() {
  const box = document.querySelector("[data-notify]");
  if (!wanted()) {
    return;
  }
  const response = await fetch(box.dataset.url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok) {
    return;
  }
  const { needs } = await response.json();
  for (const notification of needs) {
    if (!seen.has(notification.key) && seeded) {
      show(notification);
    }
    seen.add(notification.key);
  }
  seeded = true;
}

function checkSoon() {
  clearTimeout(timer);
  timer = setTimeout(check, SETTLE_MS);
}

function showButton() {
  const box = document.querySelector("[data-notify]");
  const button = box.querySelector("button");
  const text = box.querySelector("[data-notify-text]");
  box.hidden = false;
  button.disabled = false;
  if (!supported()) {
    button.disabled = true;
    text.textContent = "no notifications here";
    button.title = "the browser has no notifications, or the address of the page is not secure";
  } else if (Notification.permission === "denied") {
    button.disabled = true;
    text.textContent = "notifications blocked";
    button.title = "the settings of the browser block notifications from this page";
  } else if (Notification.permission === "granted") {
    text.textContent = muted() ? "notifications muted" : "notifications on";
    button.title = muted() ? "show notifications again" : "show no notifications in this browser";
    button.ariaPressed = String(!muted());
  } else {
    text.textContent = "notify me";
    button.title = "approvals, questions and mail as notifications of this browser";
  }
}

async function onClick() {
  if (Notification.permission === "granted") {
    localStorage.setItem(MUTED, muted() ? "no" : "yes");
    announce(muted() ? "notifications are muted" : "notifications are on");
  } else {
    await Notification.requestPermission();
  }
  // Events from the time without notifications are on the page.
  seeded = false;
  showButton();
  check();
}

export function start() {
  if (!document.querySelector("[data-notify]")) {
    return;
  }
  showButton();
  check();
  document.querySelector("[data-notify-button]").addEventListener("click", onClick);
  document.addEventListener("hive:topics", (event) => event.detail.some((topic) => TOPICS.includes(topic)) && checkSoon());
}
