"""A section that has not changed is not sent again: ages and masks of tokens are no change, everything else is."""

import re

import pytest

from web.sections.dashboard import BY_NAME

SECTIONS = sorted(name for name, section in BY_NAME.items() if not section.by_rows and not section.appends)


def digest(page):
    return re.search(r'data-digest="([0-9a-f]+)"', page)[1]


def again(site, name, tag):
    return site.get(f"/section/{name}", headers={"HX-Request": "true", "If-None-Match": f'"{tag}"'})


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_that_a_page_has_is_not_sent_again(site, name):
    first = site.get(f"/section/{name}", headers={"HX-Request": "true"})
    tag = digest(first.text)
    second = again(site, name, tag)
    assert (second.status, second.text) == (304, "")
    assert again(site, name, "0" * 18).status == 200


def test_a_page_of_a_later_minute_has_the_same_digests_and_a_change_another_one(site, app, fake):
    page = site.get("/section/needs", headers={"HX-Request": "true"}).text
    fake.decisions.ask("alice", "really?")
    app.rows._cache.invalidate()
    changed = again(site, "needs", digest(page))
    assert changed.status == 200
    assert "really?" in changed.text
    assert digest(changed.text) != digest(page)


def test_ages_are_no_change_and_moments_are(app):
    from web.sections.section import digest_of

    young = '<p><time data-age datetime="A" title="A">4s</time> <input type="hidden" name="csrf" value="aa"></p>'
    old = young.replace("4s", "5m").replace('"aa"', '"bb"')
    assert digest_of(young) == digest_of(old)
    assert digest_of(young) != digest_of(young.replace('datetime="A"', 'datetime="B"'))
    assert digest_of(young) != digest_of(young.replace("</p>", ".</p>"))
