"""Runs a module of hive: a program of its own, started with `-I -S`. Standard library only.

Takes the folders to import from beside the standard library, joined as in PATH, the module, and its arguments.
"""

import os
import runpy
import sys


def main() -> None:
    places, module = sys.argv[1:3]
    sys.path += places.split(os.pathsep)
    sys.argv[:] = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
