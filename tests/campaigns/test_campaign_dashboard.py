"""The daemon is killed: its web process ends with it, whoever that process has become, and the next one has the port."""

import psutil
import pytest

from tests.campaigns.real_hive import SECONDS, RealHive
from tests.needs import needs_root


@needs_root
@pytest.mark.slow
@pytest.mark.parametrize("user", ["", "nobody"])
def test_the_web_process_of_a_killed_daemon_leaves_the_port_to_the_next_one(user):
    settings = {"web_user": user} if user else {}
    with RealHive(runtime="process", web=True, **settings) as hive:
        web = process(hive)
        assert web.uids().real != 0
        hive.kill()
        gone, alive = psutil.wait_procs([web], SECONDS)
        assert (len(gone), alive) == (1, [])
        hive.start()
        assert process(hive).pid != web.pid
        hive.until(lambda: all(one["held"] for one in hive.ask("verify")["promises"] if one["name"] == "dashboard"))


def process(hive):
    """The web process, once it runs as the user that it becomes."""
    found = psutil.Process(hive.until(lambda: hive.node("web/process")["pid"]))
    hive.until(lambda: found.uids().real != 0)
    return found
