// An open terminal: keys go to the shell, its output to the screen, over one WebSocket that is opened again when it breaks.

import { openScreen } from "./screen.js";

const BACKOFF_MS = [300, 1000, 2500, 5000];
const LEAVE = "]";

export async function live(root) {
  const place = root.querySelector("[data-screen]");
  const say = (text) => { root.querySelector("[data-said]").textContent = text; };
  const screen = await openScreen(place, { cursorBlink: true });
  const { FitAddon } = await import(place.dataset.fit);
  const fit = new FitAddon();
  screen.loadAddon(fit);
  let socket = null;
  let shown = 0;
  let failures = 0;
  let ended = false;

  const send = (data) => {
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send(data);
    }
  };
  const sendSize = () => {
    fit.fit();
    send(JSON.stringify({ columns: screen.cols, rows: screen.rows }));
  };

  function told(message) {
    if (message.offset !== undefined) {
      if (message.offset !== shown) {
        screen.reset();
        shown = message.offset;
      }
      return;
    }
    ended = true;
    root.dataset.state = "ended";
    say(message.ended);
    root.querySelector("[data-again]").hidden = false;
  }

  function connect() {
    const address = new URL(root.dataset.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("offset", shown);
    socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      failures = 0;
      root.dataset.state = "open";
      say("connected");
      sendSize();
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") {
        told(JSON.parse(data));
      } else {
        shown += data.byteLength;
        screen.write(new Uint8Array(data));
      }
    });
    socket.addEventListener("close", () => {
      if (!ended) {
        root.dataset.state = "away";
        say("the connection is lost; the shell goes on, and this page tries again");
        setTimeout(connect, BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)]);
      }
    });
  }

  screen.onData((text) => send(new TextEncoder().encode(text)));
  screen.onBinary((text) => send(Uint8Array.from(text, (one) => one.charCodeAt(0))));
  // The screen takes every key; this one gives the keyboard back to the page.
  screen.attachCustomKeyEventHandler((event) => {
    if (event.type === "keydown" && event.ctrlKey && event.key === LEAVE) {
      root.querySelector("[data-leave]").focus();
      return false;
    }
    return true;
  });
  new ResizeObserver(sendSize).observe(place);
  connect();
  screen.focus();
}
