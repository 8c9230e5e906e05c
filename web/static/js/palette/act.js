// Carries out an entry of the palette: goes to its address, or posts its form and reads the outcome.

const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";

export async function act(entry) {
  if (entry.href) {
    location.assign(entry.href);
    return { done: true, text: "" };
  }
  const headers = { "HX-Request": "true", "X-CSRF-Token": csrf() };
  const body = new URLSearchParams(entry.fields);
  const response = await fetch(entry.post, { method: "POST", headers, body }).catch(() => null);
  if (!response) {
    return { done: false, text: "hive-web did not answer: it is not known whether this was done" };
  }
  if (response.redirected || response.status === 401) {
    location.assign(response.redirected ? response.url : "/login");
    return { done: true, text: "" };
  }
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  page.content.querySelectorAll("[aria-hidden]").forEach((part) => part.remove());
  const parts = [...page.content.querySelectorAll("p")].map((part) => part.textContent.trim()).filter(Boolean);
  return { done: response.ok, text: (parts.length ? parts.join(": ") : page.content.textContent.trim()) || "done" };
}
