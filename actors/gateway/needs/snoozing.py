"""Which items are put off. Pure."""

from collections.abc import Iterable, Mapping

from actors.triage.api import Snooze
from harness.wire.needs import Need
from harness.wire.times import from_ms


def divided(items: Iterable[Need], snoozes: Mapping[str, Snooze]) -> tuple[list[Need], list[Need]]:
    """Those to be shown, and those that are put off; one that has changed since is shown."""
    shown, put_off = [], []
    for item in items:
        snooze = snoozes.get(item.key)
        if snooze is None or snooze.mark != item.mark:
            shown.append(item)
        else:
            until = None if snooze.until_ms is None else from_ms(snooze.until_ms)
            put_off.append(item.model_copy(update={"snoozed_until": until}))
    return shown, put_off
