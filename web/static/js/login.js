// `hive up` prints an address that ends in #token=…; a browser never sends the part behind #, so this form posts it.

export function start() {
  const form = document.querySelector("form[data-login]");
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (form && token) {
    history.replaceState(null, "", location.pathname + location.search);
    form.elements.token.value = token;
    form.requestSubmit();
  }
}
