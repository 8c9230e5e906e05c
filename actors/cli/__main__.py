"""`python -m actors.cli`: what `hive` does, for programs that know the interpreter but not the PATH."""

from actors.cli.main import main

main(prog_name="hive")
