"""Which step of the script answers a dialogue, with its variables filled in."""

import re
import threading
from collections import Counter
from string import Template
from typing import Any

from harness.prompt.probe import PROMPT

from .dialogue import Dialogue
from .script import Rule, ScriptStep

ACCEPTED = ScriptStep(say="ok")
FALLBACK = ScriptStep(say="I have nothing to add.")


class ScriptMatcher:
    """Holds the rules, and the only state of a script: how often each rule began. Safe in threads."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules
        self._begun: Counter[int] = Counter()
        self._lock = threading.Lock()

    def answer(self, dialogue: Dialogue) -> ScriptStep:
        """The next step, variables filled in; a neutral sentence when no rule fits, so that a turn always ends."""
        for number, rule in enumerate(self._rules):
            if rule.model is None and is_probe(dialogue):
                continue
            variables = _match(rule, dialogue)
            if variables is not None and self._may_begin(number, rule, dialogue):
                step = rule.steps[0 if rule.result else dialogue.position]
                return _fill_step(step, variables)
        return ACCEPTED if is_probe(dialogue) else FALLBACK

    def _may_begin(self, number: int, rule: Rule, dialogue: Dialogue) -> bool:
        if rule.times is None or (dialogue.position > 0 and not rule.result):
            return True
        with self._lock:
            self._begun[number] += 1
            return self._begun[number] <= rule.times


def is_probe(dialogue: Dialogue) -> bool:
    """Whether the request only checks that the model answers; it belongs to no agent's conversation."""
    return dialogue.opening.strip() == PROMPT


def _match(rule: Rule, dialogue: Dialogue) -> dict[str, str] | None:
    """The variables of a rule that fits the dialogue, or None. The limit `times` is not part of it."""
    since = _since(rule, dialogue)
    if since is None or not _is_due(rule, dialogue):
        return None
    variables = {"agent": dialogue.agent, "cwd": dialogue.cwd, "result": (dialogue.result or "").strip()} | since[0]
    searched = [(rule.when, dialogue.opening), (rule.result, dialogue.result)]
    searched += [(pattern, since[1]) for pattern in rule.seen]
    for pattern, text in searched:
        if pattern is None:
            continue
        found = re.search(pattern, text, re.DOTALL) if text is not None else None
        if found is None:
            return None
        variables |= _groups(found)
    return variables


def _is_due(rule: Rule, dialogue: Dialogue) -> bool:
    """Whether the rule is for this agent, this turn, and a step that it has."""
    if rule.model is not None and not re.search(rule.model, dialogue.model):
        return False
    if rule.agent is not None and not re.fullmatch(rule.agent, dialogue.agent):
        return False
    if rule.turn is not None and rule.turn != len(dialogue.openings):
        return False
    return rule.result is not None or dialogue.position < len(rule.steps)


def _since(rule: Rule, dialogue: Dialogue) -> tuple[dict[str, str], str] | None:
    """The variables of the newest text that matches `since`, and all texts from there on."""
    if rule.since is None:
        return {}, "\n".join(dialogue.texts)
    for index in range(len(dialogue.texts) - 1, -1, -1):
        found = re.search(rule.since, dialogue.texts[index], re.DOTALL)
        if found:
            return _groups(found), "\n".join(dialogue.texts[index:])
    return None


def _groups(found: re.Match[str]) -> dict[str, str]:
    return {key: value.strip() for key, value in found.groupdict().items() if value is not None}


def _fill_step(step: ScriptStep, variables: dict[str, str]) -> ScriptStep:
    """The step with its `$variables` replaced; unknown ones stay as they are. Numbers stay numbers."""
    return ScriptStep.model_validate(_fill(step.model_dump(), variables))


def _fill(value: Any, variables: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, variables) for inner in value]
    if not isinstance(value, str):
        return value
    filled = Template(value).safe_substitute(variables)
    return int(filled) if value.startswith("$") and value[1:].isidentifier() and filled.isdecimal() else filled
