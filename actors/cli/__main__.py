"""`python -m actors.cli`: the same as `hive`, for programs that know the interpreter but not the PATH."""

from actors.cli.main import main

main(prog_name="hive")
