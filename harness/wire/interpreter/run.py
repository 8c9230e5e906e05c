"""Runs a module of hive: a program of its own, started with `-I -S`. Standard library only.

Takes the folders to import from beside the standard library, joined as in PATH, the module, and its arguments.
"""

import gc
import os
import runpy
import sys

COLLECTED_AFTER = 10_000
"""New objects. Python looks for garbage after 700: hundreds of times, in vain, while a program imports its modules."""


def main() -> None:
    gc.set_threshold(COLLECTED_AFTER)
    places, module = sys.argv[1:3]
    sys.path += places.split(os.pathsep)
    sys.argv[:] = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
