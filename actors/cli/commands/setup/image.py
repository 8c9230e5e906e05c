"""`hive image`: the root image of nspawn agents. Needs root, and no running daemon."""

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from actors.cli import output
from actors.cli.options import json_flag, with_config
from actors.daemon_settings import DaemonSettings

if TYPE_CHECKING:
    from actors.agent.runtime.image import Image


@click.group()
def image() -> None:
    """Build and show the root image of nspawn agents."""


@image.command()
@json_flag
@with_config("state_dir")
def build(config: DaemonSettings, *, as_json: bool) -> None:
    """Build the image, if there is none yet.

    It is a small Debian of this machine's release, from this machine's apt sources: half a minute and 250 MB, once.
    """
    built = ensure(config)
    if as_json:
        output.print_json(_row(built, current=True))
    else:
        click.echo(f"The image {built.digest} is ready.")


@image.command()
@json_flag
@with_config("state_dir")
def show(config: DaemonSettings, *, as_json: bool) -> None:
    """List the images.

    Agents start from the current one, or from one with packages of their own, which are named here.
    """
    from actors.agent.runtime.image import Images

    images = Images(config.state_dir)
    rows = [_row(one, current=one.digest == images.recipe.digest) for one in images.all()]
    if as_json:
        output.print_json({"current": images.recipe.digest, "images": rows})
        return
    cells = [
        (
            one["digest"],
            "current" if one["current"] else ", ".join(sorted({*one["packages"]} - {*images.recipe.packages})),
            one["suite"],
            f"{one['size_bytes'] / 1e6:.0f} MB",
            output.ago(time.time() - one["made_ms"] / 1000),
            one["root"],
        )
        for one in rows
    ]
    output.print_table(
        cells, ("IMAGE", "", "SUITE", "SIZE", "AGE", "ROOT"), "There is no image yet: `hive image build`."
    )


def ensure(config: DaemonSettings) -> "Image":
    """The current image, built now if need be; each step goes to stderr with the seconds since the first."""
    from actors.agent.runtime.image import Images

    begun = time.monotonic()

    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - begun:5.1f} s  {output.plain(line)}", err=True)
        sys.stderr.flush()

    return Images(config.state_dir).build(say)


def _row(image: "Image", *, current: bool) -> dict[str, Any]:
    return asdict(image) | {"root": str(image.root), "packages": list(image.packages), "current": current}
