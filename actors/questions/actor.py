"""The questions actor: owner of the table `questions` and of every deadline in it.

Promises: a question and the event to its target are one transaction, and so are its end and the event to its asker;
each question ends exactly once; a deadline that passed while the daemon was down is noticed at the next start. A
deadline is so much running time after the question (docs/time.md). Emits `question`.
"""

import logging
from typing import Any, Literal, cast

from actors.broker import api as broker
from actors.broker.manager_events import to_agent
from actors.deadlines import Deadline, WallSteps
from actors.events import emit
from actors.questions import choice, queries
from actors.questions.messages import Abandon, Ask, DeadlineTick, Resolve
from actors.questions.states import SHOWN, QuestionStatus, already
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, SupervisionError, Timer
from harness.wire import names, times
from harness.wire.agent_api import MAX_QUESTION_TTL_SECONDS, Question
from harness.wire.boundary.causes import CauseKind, CauseName
from harness.wire.errors import HiveError, bad_request, conflict, forbidden, not_found
from harness.wire.events import HelperEvent, QuestionAnswered, QuestionAsked
from harness.wire.limits import MAX_OPEN_QUESTIONS, MAX_QUESTION_BYTES

log = logging.getLogger(__name__)

WATCHDOG = "ttl-watchdog"
"""The answerer of a question that expired."""

MAX_TIMER_SECONDS = 60.0
"""Timers count running time; the deadlines that are shown follow a jump of the wall clock within this time."""

STORE_SECONDS = 30.0


class QuestionsActor(Actor):
    """Asks, answers, cancels and expires."""

    def __init__(self, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._directory = directory
        self._pending: dict[int, Question] = {}
        self._deadlines: dict[int, Deadline] = {}
        self._steps = WallSteps(clock)
        self._unsaved: dict[int, Deadline] = {}
        """Deadlines that moved and are not on disk yet."""
        self._last_id = 0
        self._timer: Timer | None = None

    def on_start(self) -> None:
        self._last_id = store.read(self._directory, queries.last_id)
        self._pending = {one.id: one for one in store.read(self._directory, queries.pending)}
        self._deadlines = store.read(self._directory, queries.deadlines)
        self._move()
        self._arm()

    def state_word(self) -> str:
        return f"{len(self._pending)} pending"

    def handle(self, message: object) -> Any:
        match message:
            case Ask():
                return self._ask(message)
            case Resolve():
                return self._resolve_for(message)
            case Abandon(agent):
                self._abandon(agent)
            case DeadlineTick():
                self._follow_clock()
                self._expire()
        return None

    def _ask(self, ask: Ask) -> int:
        if ask.asker == ask.target:
            raise bad_request("a question to oneself has nobody to answer it", "ask the operator or another agent")
        broker.check_address(self._directory, sender=ask.asker, to=ask.target)
        if sum(one.asker == ask.asker for one in self._pending.values()) >= MAX_OPEN_QUESTIONS:
            raise conflict(
                f"{MAX_OPEN_QUESTIONS} questions of {ask.asker} wait for an answer already",
                "end your turn: each answer wakes you; `loose_ends` lists them and `cancel` takes one back",
            )
        now = self.clock.now_ms()
        deadline = None
        if ask.ttl_seconds is not None:
            deadline = Deadline.after(round(min(ask.ttl_seconds, MAX_QUESTION_TTL_SECONDS) * 1000), self.clock)
        question = Question(
            id=self._last_id + 1,
            asker=ask.asker,
            target=ask.target,
            question=ask.question,
            options=list(ask.options),
            multi=ask.multi,
            free_text=ask.free_text,
            asked_at=times.from_ms(now),
            deadline_at=None if deadline is None else times.from_ms(deadline.at_ms),
            cause=ask.cause,
        )
        asked = QuestionAsked(
            id=question.id,
            asker=ask.asker,
            question=ask.question,
            options=question.options,
            multi=ask.multi,
            free_text=ask.free_text,
            deadline_at=question.deadline_at,
        )
        broker.post(
            self._directory, _mail(ask.target, asked, question.id), extra_write=queries.insert(question, deadline)
        )
        self._last_id = question.id
        self._pending[question.id] = question
        if deadline is not None:
            self._deadlines[question.id] = deadline
        self._changed(question)
        return question.id

    def _resolve_for(self, resolve: Resolve) -> bool:
        question = self._pending.get(resolve.id)
        if question is None:
            ended = next(iter(store.read(self._directory, queries.one(resolve.id))), None)
            if ended is None or not _may_end(resolve, ended):
                operator = resolve.answerer == names.OPERATOR
                hint = "`hive questions` lists them" if operator else "`loose_ends` lists yours"
                raise not_found(f"question {resolve.id}", hint)
            if resolve.answerer == names.OPERATOR:
                raise already(QuestionStatus(ended.status), resolve.id)
            return False
        if not _may_end(resolve, question):
            raise forbidden(f"question {resolve.id} is not yours to end", "only its target answers, its asker cancels")
        if resolve.status is QuestionStatus.ANSWERED:
            choice.check(question, resolve.answer)
        self._resolve(question, resolve.status, resolve.answer, resolve.answerer)
        return True

    def _abandon(self, agent: str) -> None:
        for question in [one for one in self._pending.values() if agent in {one.asker, one.target}]:
            self._resolve(question, QuestionStatus.CANCELLED, SHOWN[QuestionStatus.CANCELLED], names.SYSTEM)

    def _expire(self) -> None:
        for id_ in [id_ for id_, deadline in self._deadlines.items() if deadline.left_ms(self.clock) <= 0]:
            self._resolve(self._pending[id_], QuestionStatus.EXPIRED, SHOWN[QuestionStatus.EXPIRED], WATCHDOG)
        self._arm()

    def _resolve(self, question: Question, status: QuestionStatus, answer: str, answerer: str) -> None:
        now = self.clock.now_ms()
        event = QuestionAnswered(
            id=question.id,
            question=question.question[:MAX_QUESTION_BYTES],  # of an earlier version it may be too long for mail
            answer=answer,
            answerer=answerer,
            outcome=cast("Literal['answered', 'expired', 'cancelled']", status.value),
        )
        unit = queries.resolve(question.id, status, answer, answerer, now)
        broker.post(self._directory, _mail(question.asker, event, question.id), extra_write=unit)
        del self._pending[question.id]
        self._deadlines.pop(question.id, None)
        ended = {"status": status.value, "answer": answer, "answerer": answerer, "resolved_at": times.from_ms(now)}
        self._changed(question.model_copy(update=ended))

    def _changed(self, question: Question) -> None:
        emit(self._directory, "question", question.as_frame())
        self._arm()

    # ---- time -----------------------------------------------------------------------------------

    def _follow_clock(self) -> None:
        """After a step of the wall clock, show the moments at which the questions expire now."""
        step = self._steps.step_ms()
        if step or self._unsaved:
            self._move()
            self._steps.taken(step)

    def _move(self) -> None:
        """Take up what an earlier daemon, or the clock of a moment ago, has left.

        While the disk refuses, only what is shown is behind: what counts is in memory, and computed anew at a start.
        """
        for id_, before in self._deadlines.items():
            if (deadline := before.resumed(self.clock)) is not before:
                self._deadlines[id_] = self._unsaved[id_] = deadline
        if not self._unsaved:
            return
        try:
            store.write(self._directory, queries.move(self._unsaved)).get(timeout=STORE_SECONDS)
        except (HiveError, SupervisionError) as error:
            log.warning("deadlines not moved count=%d error=%s", len(self._unsaved), error)
            return
        moved, self._unsaved = self._unsaved, {}
        for id_, deadline in moved.items():
            if id_ in self._pending:
                shown = self._pending[id_].model_copy(update={"deadline_at": times.from_ms(deadline.at_ms)})
                self._pending[id_] = shown
                emit(self._directory, "question", shown.as_frame())

    def _arm(self) -> None:
        """Set the one timer, to the next deadline, within `MAX_TIMER_SECONDS`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._deadlines:
            left_ms = min(deadline.left_ms(self.clock) for deadline in self._deadlines.values())
            self._timer = self.tell_after(min(max(0, left_ms) / 1000, MAX_TIMER_SECONDS), DeadlineTick())


def _mail(name: str, event: HelperEvent, question_id: int) -> list[broker.Post]:
    """The event as mail; none for the operator, who sees questions on the page."""
    cause = CauseName(CauseKind.QUESTION, question_id)
    return [] if name == names.OPERATOR else [to_agent(name, event, cause)]


def _may_end(resolve: Resolve, question: Question) -> bool:
    """The target answers, the asker cancels, the operator does both."""
    if resolve.answerer == names.OPERATOR:
        return True
    owner = question.target if resolve.status is QuestionStatus.ANSWERED else question.asker
    return resolve.answerer == owner
