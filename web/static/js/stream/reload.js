// A page that could not be read because the daemon was away is loaded again as soon as the daemon answers.

export function start() {
  if (document.querySelector("[data-reload-when-back]")) {
    document.addEventListener("hive:topics", () => location.reload(), { once: true });
  }
}
