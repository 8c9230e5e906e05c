"""The check of a new configuration: Claude is opened once before the first mail, as a turn would open it.

What does not work is the reason for which the daemon takes the configuration back. An outage of the model is no such
reason: it may pass, and the daemon tries the mail again.
"""

import asyncio

from harness.claude import probe
from harness.claude.session import CannotStart
from harness.daemon.report import Report
from harness.settings import Settings
from harness.turns.conversation import Conversation
from harness.wire.events import HarnessState

HOLD_SECONDS = 10.0
"""How long a harness whose check failed takes no mail: the daemon ends it meanwhile, if it takes the change back."""


class Check:
    """Runs once, where the daemon asks for it: `settings.check_sha` is the commit that is to be checked."""

    def __init__(self, settings: Settings, conversation: Conversation, report: Report) -> None:
        self._settings = settings
        self._conversation = conversation
        self._report = report
        self._sha = settings.check_sha

    async def run(self) -> None:
        """Check and report; nothing when it is done already. Returns when the daemon has the report."""
        sha, self._sha = self._sha, None
        if sha is None:
            return
        self._report.state(HarnessState.BOOTING)
        reason = await self._reason()
        self._report.checked(sha, reason)
        if reason is not None:
            self._report.note(f"this configuration does not work: {reason}")
        await self._report.delivered()
        if reason is not None:
            await asyncio.sleep(HOLD_SECONDS)

    async def _reason(self) -> str | None:
        # One after the other: two of Claude at once may not fit into the memory limit.
        try:
            refused = await probe.refusal(self._settings, self._settings.config.model)
            return refused or await self._conversation.try_out()
        except CannotStart as error:
            return str(error)
        except OSError as error:
            return f"claude cannot be started: {error}"
