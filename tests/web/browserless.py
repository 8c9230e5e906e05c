"""The part of a browser that a test of the server needs: cookies, forms, and the headers of a browser."""

import io
from http.cookies import SimpleCookie
from types import SimpleNamespace
from urllib.parse import urlencode
from wsgiref.headers import Headers

TOKEN = "the-operator-s-token"
NAME = "hive-of-the-tests.localhost"


class Browserless:
    def __init__(self, wsgi):
        self.wsgi = wsgi
        self.cookies = {}
        self.headers = {"Host": f"{NAME}:7000", "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    def open(
        self,
        method,
        path,
        form=None,
        *,
        headers=None,
        body=None,
        content_type="application/x-www-form-urlencoded",
        decode=True,
    ):
        path, _, query = path.partition("?")
        raw = body if body is not None else urlencode(form or {}).encode()
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "7000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
            "wsgi.errors": io.StringIO(),
        }
        if method == "POST":
            environ |= {"CONTENT_LENGTH": str(len(raw)), "CONTENT_TYPE": content_type}
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for name, value in (self.headers | (headers or {})).items():
            if value is not None:
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        environ |= {"CONTENT_LENGTH": environ.pop("HTTP_CONTENT_LENGTH")} if "HTTP_CONTENT_LENGTH" in environ else {}
        response = SimpleNamespace()

        def start(status, pairs, exc_info=None):
            response.status = int(status.split()[0])
            response.pairs = pairs
            response.headers = Headers(pairs)

        response.body = self.wsgi(environ, start)
        for name, value in response.pairs:
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
                    if not morsel.value:
                        del self.cookies[key]
        if decode and not response.headers.get("Content-Type", "").startswith("text/event-stream"):
            response.text = b"".join(response.body).decode()
        return response

    def get(self, path, **more):
        return self.open("GET", path, **more)

    def post(self, path, form=None, *, csrf=None, **more):
        return self.open("POST", path, {"csrf": self.csrf if csrf is None else csrf} | (form or {}), **more)

    @property
    def csrf(self):
        page = self.get("/keys").text
        return page.partition('name="csrf" value="')[2].partition('"')[0]

    def log_in(self):
        response = self.open("POST", "/login", {"token": TOKEN})
        assert response.status == 303, response.text
        return self
