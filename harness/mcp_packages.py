"""Keeps the packages of `mcp` from importing what hive does not use of them: clients, servers over HTTP, authorization.

hive needs a server and its types. Without the rest an agent starts with a fifth less computing and 11 MB less memory.
"""

import importlib.util
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

PACKAGES: Final[dict[str, dict[str, str]]] = {"mcp": {}, "mcp.server": {"Server": "mcp.server.lowlevel"}}
"""From the outermost inwards: the packages, and where the names lie that the Claude SDK imports from them."""


class DeferredPackage(ModuleType):
    """A package whose own code runs when a name is asked for that needs it; its modules are imported without it.

    So whatever else imports from the package finds all of it.
    """

    def __getattr__(self, name: str) -> Any:
        """The name is not there yet. Raises AttributeError as a module does."""
        if name.startswith("__"):
            raise AttributeError(name)
        if (place := PACKAGES[self.__name__].get(name)) is not None:
            return getattr(import_module(place), name)
        object.__setattr__(self, "__class__", ModuleType)  # from now on it is an ordinary package
        spec = self.__spec__
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(self)
        return getattr(self, name)


def defer() -> None:
    """To be called before anything is imported from `mcp`; packages that are imported already stay as they are."""
    for name in PACKAGES:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        assert spec is not None
        package = importlib.util.module_from_spec(spec)
        package.__class__ = DeferredPackage
        sys.modules[name] = package
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, package)
