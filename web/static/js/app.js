// The behaviour of the page, on top of what the server rendered. Each module does one thing and can be left out.

import * as address from "./view/address.js";
import * as charts from "./charts.js";
import * as compose from "./forms/compose.js";
import * as dropdowns from "./dropdowns.js";
import * as errors from "./errors.js";
import * as folds from "./view/folds.js";
import * as keyboard from "./keyboard.js";
import * as lists from "./lists.js";
import * as live from "./live.js";
import * as login from "./forms/login.js";
import * as menus from "./menus.js";
import * as notifications from "./notifications.js";
import * as palette from "./palette/dialog.js";
import * as panel from "./panel.js";
import * as preserve from "./preserve.js";
import * as reply from "./forms/reply.js";
import * as reviewComments from "./review/comments.js";
import * as reviewLines from "./review/lines.js";
import * as reload from "./stream/reload.js";
import * as times from "./times.js";
import * as decided from "./triage/decided.js";
import * as triageKeys from "./triage/keys.js";
import * as triage from "./triage/selection.js";
import * as typed from "./forms/typed.js";
import * as unsent from "./forms/unsent.js";
import * as rows from "./view/rows.js";
import * as views from "./view/sections.js";
import * as turnLog from "./view/turn_log.js";

// One a line: the order counts, and the live stream comes late.
const parts = [
  errors,
  preserve,
  times,
  lists,
  turnLog,
  menus,
  dropdowns,
  panel,
  palette,
  compose,
  triage,
  triageKeys,
  decided,
  reply,
  reviewComments,
  reviewLines,
  keyboard,
  login,
  charts,
  notifications,
  typed,
  unsent,
  views,
  folds,
  rows,
  reload,
  live,
  address,
];
for (const part of parts) {
  part.start();
}
