"""A list of the hive that does not fit into one reply says so, wherever it is shown."""

import json
from pathlib import Path

import pytest

from harness.wire import operator_api
from harness.wire.boundary.listing import ListReply
from web.daemon import rows

SECTIONS = ("needs", "containers", "approvals", "questions", "drafts", "kept")
PAGES = [
    "/sessions",
    "/agent/alice/",
    "/agent/alice/tab?tab=loose",
    "/agent/alice/tab?tab=journal",
    "/agent/alice/tab?tab=stats",
    "/agent/alice/tab?tab=hosts",
    "/panel/journal/alice",
    "/config/alice/log",
    "/config/alice/tags",
    "/config/alice/files",
]


@pytest.fixture
def cut(fake, monkeypatch):
    """Every list of the daemon's replies lacks seven rows."""
    answer = fake._answer

    def without_seven(request):
        reply = answer(request)
        return reply.model_copy(update={"omitted": 7}) if isinstance(reply, ListReply) else reply

    monkeypatch.setattr(fake, "_answer", without_seven)


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.usefixtures("cut")
def test_each_section_of_the_dashboard_says_how_many_rows_are_missing(site, name):
    page = site.get(f"/section/{name}")
    assert page.status == 200
    assert "more rows do not fit into one reply" in page.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("cut")
def test_each_page_with_a_list_says_so(site, path):
    page = site.get(path)
    assert page.status == 200, page.text
    assert "do not fit into one reply" in page.text


@pytest.mark.usefixtures("cut")
def test_reminders_count_what_is_missing_among_those_not_shown(site):
    assert "7 more" in site.get("/section/reminders").text


@pytest.mark.parametrize("path", ["/", *PAGES])
def test_a_whole_list_says_nothing(site, path):
    assert "data-omitted" not in site.get(path).text


@pytest.mark.usefixtures("cut")
def test_scripts_are_told_by_list(site):
    state = json.loads(site.get("/api/state").text)
    assert state["omitted"] == dict.fromkeys(
        ["agents", "approvals", "questions", "reminders", "tombstones", "drafts"], 7
    )


def test_no_list_of_the_daemon_loses_its_count_on_the_way():
    """The rows are taken out of a list reply in one place alone."""
    source = Path(rows.__file__).read_text()
    replies = [name for name, one in vars(operator_api).items() if isinstance(one, type) and issubclass(one, ListReply)]
    lost = [line for line in source.splitlines() for name in replies if f"{name})." in line]
    assert lost == []
