// A reply: the composer names the message that it answers, until it is sent or the answer is taken back.

function show(box, number) {
  box.elements.in_reply_to.value = number;
  const mark = box.querySelector("[data-replying]");
  mark.hidden = !number;
  mark.querySelector("[data-replying-to]").textContent = number ? `#${number}` : "";
}

export function start() {
  const box = document.querySelector("form[data-compose]");
  if (!box?.querySelector("[data-replying]")) {
    return;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-write-to]");
    if (link) {
      show(box, link.dataset.replyTo ?? "");
    } else if (event.target.closest("[data-no-reply]")) {
      show(box, "");
      box.querySelector("textarea").focus();
    }
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement === box && response.status < 400) {
      show(box, "");
    }
  });
}
