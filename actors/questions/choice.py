"""Whether an answer is one that the question takes. Pure."""

from collections.abc import Sequence

from harness.wire.agent_api import Question
from harness.wire.errors import HiveError, bad_request

SEPARATOR = ", "
"""Between several chosen options of one answer."""


def check(question: Question, answer: str) -> None:
    """Raise `bad_request` for an answer that is none of the options, unless other words were allowed.

    Where several options may be chosen, the answer is some of them, with `SEPARATOR` between.
    """
    if not question.options or question.free_text:
        return
    taken = _are_some(answer.strip(), question.options) if question.multi else answer.strip() in question.options
    if not taken:
        raise _none_of(question)


def _are_some(answer: str, options: Sequence[str]) -> bool:
    """Whether `answer` is options joined by separators.

    An option may hold a separator itself: from each place where an option can begin, every option is tried once.
    """
    places, seen = [0], {0}
    for place in places:
        for option in options:
            end = place + len(option)
            if not answer.startswith(option, place):
                continue
            if end == len(answer):
                return True
            following = end + len(SEPARATOR)
            if answer.startswith(SEPARATOR, end) and following not in seen:
                seen.add(following)
                places.append(following)
    return False


def _none_of(question: Question) -> HiveError:
    how = "some of them, with `, ` between" if question.multi else "one of them, word for word"
    return bad_request(
        f"question {question.id} takes no other answer than its options", f"{how}: {' | '.join(question.options)}"
    )
