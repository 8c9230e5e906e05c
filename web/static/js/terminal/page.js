// The page of one terminal: live while it is open, played from its recording afterwards.

import { live } from "./live.js";
import { play } from "./player.js";

const root = document.querySelector("[data-terminal]");
const run = root.dataset.terminal === "open" ? live : play;
run(root).catch((error) => {
  root.querySelector("[data-said]").textContent = `the terminal cannot be shown: ${error.message}`;
});
