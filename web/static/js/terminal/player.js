// The recording of a terminal: read piece by piece, played at its own pace, with a place that can be moved.

import { openScreen } from "./screen.js";

const LONGEST_PAUSE_S = 2;

async function read(address) {
  let text = "";
  for (let offset = 0; offset !== null;) {
    const answer = await fetch(`${address}?offset=${offset}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      throw new Error((await answer.json()).error);
    }
    const piece = await answer.json();
    text += piece.text;
    offset = piece.next;
  }
  return text.split("\n").slice(1).flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // the end of one that was cut off
    }
  });
}

// Pauses are shortened, as if the operator had not gone for a coffee.
function timed(events) {
  let before = 0;
  let at = 0;
  return events.map(([seconds, kind, data]) => {
    at += Math.min(Math.max(seconds - before, 0), LONGEST_PAUSE_S);
    before = seconds;
    return { at, kind, data };
  });
}

export async function play(root) {
  const place = root.querySelector("[data-screen]");
  const [button, slider, speed, clock] = ["play", "place", "speed", "clock"].map((name) => root.querySelector(`[data-${name}]`));
  const screen = await openScreen(place, { cols: Number(root.dataset.columns), rows: Number(root.dataset.rows), disableStdin: true });
  const events = timed(await read(root.dataset.recording));
  const length = events.at(-1)?.at ?? 0;
  slider.max = length;
  let next = 0;
  let now = 0;
  let timer = null;

  function show(event) {
    if (event.kind === "o") {
      screen.write(event.data);
    } else if (event.kind === "r") {
      screen.resize(...event.data.split("x").map(Number));
    }
  }

  function draw() {
    slider.value = now;
    clock.textContent = `${now.toFixed(0)} of ${length.toFixed(0)} s`;
    slider.setAttribute("aria-valuetext", clock.textContent);
    button.textContent = timer === null ? "play" : "pause";
  }

  function step() {
    const from = performance.now();
    const wait = Math.max(events[next].at - now, 0) / Number(speed.value);
    timer = setTimeout(() => {
      now += Math.max((performance.now() - from) / 1000 * Number(speed.value), 0);
      while (next < events.length && events[next].at <= now + 0.001) {
        show(events[next++]);
      }
      if (next < events.length) {
        step();
      } else {
        pause();
      }
      draw();
    }, Math.min(wait * 1000, 100));
  }

  function pause() {
    clearTimeout(timer);
    timer = null;
    draw();
  }

  function seek(to) {
    const playing = timer !== null;
    pause();
    screen.reset();
    screen.resize(Number(root.dataset.columns), Number(root.dataset.rows));
    now = to;
    for (next = 0; next < events.length && events[next].at <= to; next++) {
      show(events[next]);
    }
    if (playing && next < events.length) {
      step();
    }
    draw();
  }

  button.addEventListener("click", () => {
    if (timer !== null) {
      pause();
    } else if (events.length) {
      if (next >= events.length) {
        seek(0);
      }
      step();
      draw();
    }
  });
  slider.addEventListener("input", () => seek(Number(slider.value)));
  seek(length); // the last screen says the most at a glance
}
