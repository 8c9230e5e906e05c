"""A server on another loopback port gets the operator's click, in a real Chromium, and does not become the operator."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.web import sample_rows
from tests.web.browser.chromium import Browser
from tests.web.browser.conftest import needs_libraries
from tests.web.browserless import TOKEN
from tests.web.fake_daemon import FakeDaemon
from tests.web.test_web_process import running

LURE = """<!doctype html><title>lure</title>
<script>
window.seen = [];
const target = decodeURIComponent(location.hash.slice(1));
async function attempt(name, action) {
  try { seen.push([name, String(await action())]); } catch (error) { seen.push([name, "refused"]); }
}
(async () => {
  await attempt("read", async () => (await fetch(target + "/api/state", {credentials: "include"})).text());
  await attempt("write", async () => (await fetch(target + "/restart/alice", {method: "POST", credentials: "include", mode: "no-cors"})).text());
  await attempt("frame", () => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = target + "/";
    frame.onload = () => { try { resolve(frame.contentDocument.body.innerText); } catch { resolve("refused"); } };
    document.body.append(frame);
  }));
  document.title = "done";
})();
</script><body></body>"""


class Malicious(ThreadingHTTPServer):
    """An agent's web server: it keeps what every request told it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def cookies(self):
        return [headers.get("Cookie") for headers in self.got if headers.get("Cookie")]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.got.append(dict(self.headers))
        body = LURE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def scene(tmp_path_factory):
    """(fake daemon, browser with a session, hive-web process, malicious server). A browser keeps a process for each site."""
    needs_libraries()
    folder = tmp_path_factory.mktemp("ports")
    fake = FakeDaemon(folder / "web.sock")
    sample_rows.populate(fake)
    fake.start()
    malicious = Malicious()
    with running(fake, folder) as process:
        browser = Browser(folder / "profile")
        try:
            browser.log_in(process.url, TOKEN)
            yield fake, browser, process, malicious
        finally:
            browser.close()
    malicious.shutdown()
    malicious.server_close()
    fake.stop()


def replay(process, host, cookie, path="/api/state"):
    """The status of a request that an agent makes itself, with all that it can forge."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=5)
    connection.request("GET", path, headers={"Host": host, "Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.slow
def test_the_login_ends_at_a_name_of_its_own(scene):
    _, browser, process, _ = scene
    browser.open("/", live=False)
    where = urlsplit(browser.driver.current_url)
    assert where.hostname.endswith(".localhost")
    assert where.port == process.port
    names = {cookie["name"]: cookie for cookie in browser.driver.get_cookies()}
    assert names["hive_session"]["domain"] == where.hostname
    assert names["hive_session"]["httpOnly"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "hive.localhost"])
def test_the_click_of_the_operator_gives_another_port_neither_cookie_nor_page_nor_name(scene, name):
    fake, browser, process, malicious = scene
    malicious.got.clear()
    own = urlsplit(browser.base).hostname
    browser.open("/", live=False)
    asked = len([frame for frame in fake.asked if frame["cmd"] == "restart"])
    browser.js("const link = document.createElement('a'); link.href = arguments[0]; link.id = 'lure';"
               "link.textContent = 'a report'; document.querySelector('main').prepend(link)",
               f"http://{name}:{malicious.port}/#http://127.0.0.1:{process.port}")  # fmt: skip
    browser.press("#lure")
    browser.until("document.title === 'done'")
    assert malicious.got
    assert malicious.cookies() == []
    assert own not in str(malicious.got)
    for attempt, result in browser.js("return window.seen"):
        assert "alice" not in result, attempt
    assert len([frame for frame in fake.asked if frame["cmd"] == "restart"]) == asked


@pytest.mark.slow
def test_a_page_of_another_port_that_knew_the_name_still_reads_and_writes_nothing_by_script(scene):
    fake, browser, _, malicious = scene
    browser.driver.get(f"http://127.0.0.1:{malicious.port}/#{browser.base}")
    browser.until("document.title === 'done'")
    assert all("alice" not in result for _, result in browser.js("return window.seen"))
    assert "restart" not in [frame["cmd"] for frame in fake.asked]


@pytest.mark.slow
def test_a_cookie_of_a_loopback_name_is_worth_nothing(scene):
    """Even the session's own cookie: it counts under the own name alone, which the thief does not know."""
    _, browser, process, _ = scene
    browser.open("/", live=False)
    value = next(one["value"] for one in browser.driver.get_cookies() if one["name"] == "hive_session")
    own = urlsplit(browser.base).hostname
    assert replay(process, f"{own}:{process.port}", f"hive_session={value}") == 200
    for host in (f"127.0.0.1:{process.port}", f"localhost:{process.port}"):
        assert replay(process, host, f"hive_session={value}") == 401
    assert replay(process, "hive-guess.localhost", f"hive_session={value}") == 403


@pytest.mark.slow
def test_a_link_of_an_agent_into_the_machine_cannot_be_clicked(scene):
    fake, browser, _, malicious = scene
    fake.say("alice", "operator", f"see http://127.0.0.1:{malicious.port}/ and https://example.org/")
    browser.open("/")
    browser.until("document.body.innerText.includes('https://example.org/')")
    assert browser.js("return document.querySelectorAll('a[href*=\"example.org\"]').length") >= 1
    assert browser.js("return document.querySelectorAll('a[href*=\"127.0.0.1\"]').length") == 0


@pytest.mark.slow
def test_a_revoked_session_leads_the_open_page_to_the_login(scene):
    fake, browser, _, _ = scene
    browser.open("/")
    for row in list(fake.sessions.values()):
        fake.end_session(row.id)
    browser.until("location.pathname === '/login'")
