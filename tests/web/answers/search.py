"""The search of the fake daemon: words in the bodies of its messages, a page of two hits, one refusal."""

from harness.wire.errors import bad_request
from harness.wire.operator_api.search import SearchReply
from harness.wire.operator_rows import SearchHit, SnippetPart

PAGE = 2
MANY = "manyhits"


def search_reply(messages, request):
    if "form:" in request.query:
        raise bad_request("the search does not understand 'form:alice'", "form: is no filter")
    word = request.query.lower()
    below = int(request.before) if request.before else 2**62
    found = [one for one in reversed(messages) if word in one.body.lower()]
    page = [one for one in found if one.id < below]
    return SearchReply(
        hits=[hit(one, word) for one in page[:PAGE]],
        total=1_000 if word == MANY else len(found),
        more_than_total=word == MANY,
        next=str(page[PAGE - 1].id) if len(page) > PAGE else None,
        not_indexed=7 if word == MANY else 0,
    )


def hit(mail, word):
    at = mail.body.lower().index(word)
    pieces = [(mail.body[:at], False), (mail.body[at : at + len(word)], True), (mail.body[at + len(word) :], False)]
    return SearchHit(
        kind="message",
        id=mail.id,
        at=mail.sent_at,
        sender=mail.from_,
        recipient=mail.to,
        snippet=[SnippetPart(text=text, hit=marked) for text, marked in pieces if text],
    )
