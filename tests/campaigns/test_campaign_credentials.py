"""A key or token that comes, changes or goes while agents run: real daemon, real containers, the real Claude CLI."""

import contextlib
import json
import os
from unittest import mock

import pytest

from harness.rehearsal.server import Rehearsal, _Handler
from tests.campaigns import real_hive
from tests.campaigns.real_hive import RealHive
from tests.needs import needs

pytestmark = pytest.mark.slow

SECRET = "CLAUDE_CODE_OAUTH_TOKEN"
FIRST, SECOND = "sk-ant-oat01-" + "a" * 40, "sk-ant-oat01-" + "b" * 40


class SeenModel(Rehearsal):
    """Knows with which credentials it was asked: (key, bearer, beta) of each request."""

    def __init__(self, rules, **more):
        super().__init__(rules, **more)
        self.credentials = seen = []

        class Handler(_Handler):
            def do_POST(self):
                headers = {name.lower(): value for name, value in self.headers.items()}
                seen.append((headers.get("x-api-key"), headers.get("authorization"), headers.get("anthropic-beta", "")))
                super().do_POST()

        self._http.RequestHandlerClass = Handler


class SeenHive(RealHive):
    """Its model knows with which credentials it was asked."""

    def __init__(self, *rules, **settings):
        with mock.patch.object(real_hive, "Rehearsal", SeenModel):
            super().__init__(*rules, **settings)

    def answered(self, name, body="are you there?"):
        """Send and wait; the credentials with which the model was asked for this."""
        self.model.credentials.clear()
        self.done(self.send(name, body))
        return {(key, bearer) for key, bearer, _ in self.model.credentials}


def started(hive, name):
    """Which container this is; another one after each start."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((hive.run / "agents" / name / "container.json").read_text())["id"]
        hive.ids.add(found)
        return found


@needs("bwrap")
def test_a_token_in_the_secret_store_logs_every_agent_in_without_a_restart_by_hand():
    with SeenHive(claude_api_key_file="") as hive:
        hive.ask("spawn", name="alice")
        hive.until(lambda: all(hive.row(name)["needs_login"] for name in ("manager", "alice")))
        hive.ask("set_secret", name=SECRET, value=FIRST)
        hive.until(lambda: not any(hive.row(name)["needs_login"] for name in ("manager", "alice")))
        assert hive.answered("manager") == {(None, f"Bearer {FIRST}")}
        assert all("oauth" in beta for _, _, beta in hive.model.credentials), "the CLI asks as a subscriber does"
        assert hive.answered("alice") == {(None, f"Bearer {FIRST}")}

        for name in ("hm1nd", "alice"):
            inside = [one.environ() for one in hive.container(name).children(recursive=True)]
            assert not [value for environ in inside for value in environ.values() if FIRST in value]

        before = {name: started(hive, name) for name in ("hm1nd", "alice")}
        hive.ask("set_secret", name=SECRET, value=SECOND)
        assert hive.answered("alice") == {(None, f"Bearer {SECOND}")}
        assert hive.answered("manager") == {(None, f"Bearer {SECOND}")}
        assert {name: started(hive, name) for name in before} == before, "nobody's turn is cut for it"

        hive.kill()  # and nobody's after the daemon was away
        (hive.state / "secrets" / SECRET).write_text(FIRST)
        hive.start()
        assert hive.answered("alice") == {(None, f"Bearer {FIRST}")}
        assert {name: started(hive, name) for name in before} == before

        hive.ask("delete_secret", name=SECRET, force=True)
        hive.until(lambda: all(hive.row(name)["needs_login"] for name in ("manager", "alice")))


@needs("bwrap")
def test_a_changed_key_file_reaches_the_proxy_and_cuts_nobodys_turn():
    with SeenHive() as hive:
        hive.spawn("alice")
        assert hive.answered("alice") == {("rehearsal", None)}
        before = started(hive, "alice")
        part = hive.folder / "api-key.part"
        part.write_text("another-key\n")
        part.rename(hive.folder / "api-key")
        hive.until(lambda: hive.answered("alice") == {("another-key", None)})
        assert started(hive, "alice") == before


def test_where_the_key_is_in_the_containers_the_agents_are_started_anew_with_another_one():
    with SeenHive(runtime="process") as hive:
        hive.spawn("alice")
        assert hive.answered("alice") == {("rehearsal", None)}
        before = started(hive, "alice")
        os.truncate(hive.folder / "api-key", 0)  # an editor that writes in place: no key for a moment
        (hive.folder / "api-key").write_text("another-key\n")
        hive.until(lambda: started(hive, "alice") != before and hive.row("alice")["state"] == "idle")
        assert hive.answered("alice") == {("another-key", None)}
        assert not hive.row("alice")["needs_update"]

        hive.kill()
        (hive.folder / "api-key").write_text("a-third-key\n")
        hive.start()
        hive.until(lambda: hive.answered("alice") == {("a-third-key", None)})
