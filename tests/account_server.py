"""A stand-in for the servers of a Claude account, on loopback: an HTTPS proxy that is every host it is asked for.

The real CLI takes it for the account's server: `HTTPS_PROXY` leads there, and `NODE_EXTRA_CA_CERTS` names its authority.
"""

import datetime as dt
import http.server
import json
import socketserver
import ssl
import threading
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("platform.claude.com", "api.anthropic.com", "console.anthropic.com", "claude.ai", "claude.com")
CODE = "the-code"
"""The code that the account's page shows; the CLI wants `code#state`."""


class AccountServer:
    """Use as a context manager. `requests` are the paths that were asked, with what was sent."""

    def __init__(self, folder, *, login_days=30):
        self.folder, self.login_days = folder, login_days
        self.ca, self.requests = folder / "account-ca.pem", []
        self.issued = []
        """The access tokens that were given out."""

    def __enter__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*_certificates(self.folder, self.ca))
        account = self

        class Handler(_Handler):
            server_context, of = context, account

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def env(self):
        """What leads the CLI here."""
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{self._server.server_address[1]}",
            "NO_PROXY": "127.0.0.1",
            "NODE_EXTRA_CA_CERTS": str(self.ca),
        }

    def answer(self, host, path, body):
        self.requests.append((host, path, body))
        if path == "/v1/oauth/token":
            return self._tokens(body)
        if path == "/api/oauth/profile":
            return 200, {
                "account": {"uuid": "00000000-0000-4000-8000-000000000001", "email": "operator@example.org",
                            "full_name": "O", "display_name": "O"},
                "organization": {"uuid": "00000000-0000-4000-8000-000000000002", "organization_type": "claude_max",
                                 "rate_limit_tier": "default", "name": "o"},
            }  # fmt: skip
        if path == "/api/oauth/claude_cli/roles":
            return 200, {"organization_role": "admin", "workspace_role": None, "organization_name": "o"}
        return 404, {"error": {"type": "not_found_error", "message": path}}

    def _tokens(self, body):
        if body.get("grant_type") == "authorization_code" and body.get("code") != CODE:
            return 400, {"error": "invalid_grant", "error_description": "Invalid 'code' in request."}
        token = f"sk-ant-oat01-{len(self.issued):04d}" + "t" * 80
        self.issued.append(token)
        lasting = "expires_in" in body
        found = {
            "token_type": "Bearer", "access_token": token, "expires_in": body.get("expires_in", 8 * 3600),
            "scope": body.get("scope") or ("user:inference" if lasting else "user:inference user:profile"),
            "account": {"uuid": "00000000-0000-4000-8000-000000000001", "email_address": "operator@example.org"},
            "organization": {"uuid": "00000000-0000-4000-8000-000000000002", "name": "o"},
        }  # fmt: skip
        if not lasting:
            found |= {
                "refresh_token": "sk-ant-ort01-" + "r" * 80,
                "refresh_token_expires_in": self.login_days * 86400,
            }
        return 200, found


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self):
        self.send_response(200, "connected")
        self.end_headers()
        host = self.path.partition(":")[0]
        try:
            inside = self.server_context.wrap_socket(self.connection, server_side=True)
        except (OSError, ssl.SSLError):
            self.close_connection = True
            return
        self.connection = inside
        self.rfile, self.wfile = inside.makefile("rb"), inside.makefile("wb")
        self.host, self.close_connection = host, False

    def do_GET(self):
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            body = dict(parse_qsl(raw.decode()))
        status, found = self.of.answer(getattr(self, "host", ""), self.path.partition("?")[0], body)
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    do_POST = do_GET

    def finish(self):
        super().finish()
        self.connection.close()

    def log_message(self, *_):
        pass


def _certificates(folder, ca_file):
    """A fresh authority, and a certificate of it for all of HOSTS: (certificate, key)."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = dt.datetime.now(dt.UTC)
    since, until = now - dt.timedelta(days=1), now + dt.timedelta(days=365)

    def build(name, public, *extensions):
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(ca_name).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        )  # fmt: skip
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    ca_file.write_bytes(build(ca_name, ca_key.public_key(), (x509.BasicConstraints(ca=True, path_length=0), True)))
    certificate, key_file = folder / "account.pem", folder / "account.key"
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    certificate.write_bytes(build(subject, key.public_key(), (names, False)))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, key_file
