// Runs before the page is painted: what the style needs to know of the browser.

document.documentElement.dataset.scripts = "on";
