// The page's own behaviour, on top of what the server rendered. Each module does one thing and can be left out.

import * as charts from "./charts.js";
import * as compose from "./compose.js";
import * as decide from "./decide.js";
import * as errors from "./errors.js";
import * as keep from "./keep.js";
import * as keys from "./keys.js";
import * as lists from "./lists.js";
import * as live from "./live.js";
import * as login from "./login.js";
import * as menus from "./menus.js";
import * as notify from "./notify.js";
import * as panel from "./panel.js";
import * as ticks from "./ticks.js";

for (const part of [errors, keep, ticks, lists, menus, decide, panel, compose, keys, login, charts, notify, live]) {
  part.start();
}
