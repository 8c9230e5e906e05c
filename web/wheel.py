"""Called when a wheel is built: the page's libraries go into it, or the build says that they do not.

Hatchling's build hook, named in `pyproject.toml`; nothing of hive imports it.
"""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageLibraries(BuildHookInterface[Any]):
    """Builds the libraries that are missing, by npm where it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del build_data
        if version == "editable":
            return  # the checkout is used as it is, and make builds them there
        sys.path.insert(0, self.root)
        from web import build  # noqa: PLC0415 — found by the line above, also where hive is not installed

        if build.missing():
            build.main([])
        if lacking := build.missing():
            self.app.display_warning(
                f"this wheel does not contain the page's libraries ({', '.join(lacking)}): its page is for reading "
                "only; install npm and build it again"
            )
