// `hive up` prints an address that ends in #token=…; a browser never sends the part behind #, so this form posts it.

// Under the names of loopback the answer is a link to the site's own name, which is followed at once.

export function start() {
  const onward = document.querySelector("a[data-onward]");
  if (onward) {
    location.replace(onward.href);
    return;
  }
  const form = document.querySelector("form[data-login]");
  if (form) {
    postToken(form);
    // A link that differs from the address of this tab only behind # loads nothing.
    addEventListener("hashchange", () => postToken(form));
    document.addEventListener("visibilitychange", () => document.hidden || goOn(form));
  }
}

function postToken(form) {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    form.elements.token.value = token;
    form.requestSubmit();
  }
}

// Another tab may have logged in meanwhile.
async function goOn(form) {
  const response = await fetch("/keys", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.ok) {
    const next = form.elements.next.value;
    location.replace(next.startsWith("/") && !next.startsWith("//") ? next : "/");
  }
}
