"""Why, effects and conversations as pages: linked from every row, readable without JavaScript, with their cost."""

import re

import pytest


def words_of(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def names(page):
    return re.findall(r'data-cause="([^"]*)"', page)


def test_effects_are_a_tree_with_its_cost(site):
    page = site.get("/effects/message/1").text
    assert names(page)[:3] == ["message:1", "turn:manager/1", "message:2"]
    assert "4 turns of 3 agents cost $0.62, 12 tool calls" in words_of(page)
    assert 'class="cause depth-2' in page


def test_why_leads_back_to_the_operator(site):
    page = site.get("/why/message/8").text
    assert {"turn:manager/2", "message:4", "turn:alice/1", "message:2", "turn:manager/1", "message:1"} < set(
        names(page)
    )
    assert "the operator did it" in words_of(page)


def test_a_turn_has_a_page_of_its_own(site):
    assert names(site.get("/why/turn/alice/1").text)[:2] == ["turn:alice/1", "message:2"]


def test_a_cycle_is_drawn_once(site, fake):
    fake.given["turn:alice/1"] = [2, 4]
    page = site.get("/effects/message/2").text
    assert "(above)" in words_of(page)


def test_a_conversation_is_its_messages_with_the_turns_between_them(site):
    page = site.get("/thread/4").text
    assert re.findall(r'<li id="m(\d+)"', page) == ["2", "4"]
    assert "2 messages from message #2 on" in words_of(page)
    assert 'name="in_reply_to" value="4"' in page
    assert 'name="to" value="alice"' in page


def test_a_reply_from_the_page_names_the_message_that_it_answers(site, fake):
    assert site.post("/op-send", {"to": "alice", "body": "thanks", "in_reply_to": "4"}).status in (200, 303)
    assert fake.messages[-1].in_reply_to == 4


@pytest.mark.parametrize(("place", "link"), [
    ("/", "/why/message/4"),
    ("/", "/thread/4#m2"),
    ("/", "/why/message/9"),
    ("/section/questions", "/why/question/"),
    ("/section/reminders", "/why/reminder/"),
    ("/approval/3/", "/why/approval/3"),
])  # fmt: skip
def test_rows_lead_to_why_they_are_there(site, place, link):
    assert f'href="{link}' in site.get(place).text


@pytest.mark.parametrize(
    "path", ["/why/mail/1", "/why/message/x", "/effects/turn/alice", "/why/message/999", "/thread/999", "/thread/x"]
)
def test_what_is_not_there_is_an_error_page(site, path):
    assert site.get(path).status in (400, 404)


def test_words_of_agents_are_text(site, fake):
    fake.say("alice", "operator", "<script>alert(1)</script>", cause="turn:alice/1", thread=50)
    number = fake.messages[-1].id
    for path in (f"/why/message/{number}", f"/thread/{number}"):
        assert "<script>alert" not in site.get(path).text
        assert "&lt;script&gt;" in site.get(path).text
