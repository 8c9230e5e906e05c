"""The dashboard's port: listened on as the daemon does, on the same addresses."""

import errno
import os

from actors.cli.doctor.daemon import runs
from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings


def port(config: DaemonSettings) -> Finding:
    from actors.dashboard.addresses import listen, to_hold

    if config.web_port == 0:
        return Finding("port", Level.OK, "web_port is 0: no dashboard")
    try:
        held = listen(to_hold(config.web_host), config.web_port)
    except OSError as error:
        where = str(error.filename or f"{config.web_host}:{config.web_port}")
        if error.errno == errno.EADDRINUSE and runs(config):
            return Finding("port", Level.OK, f"{where} is held by the hive that runs here")
        if error.errno == errno.EADDRINUSE:
            hint = "stop the program that has it (`ss -ltnp`), or set another web_port"
            return Finding("port", Level.BAD, f"{where} is taken by another program", hint)
        why = os.strerror(error.errno) if error.errno else str(error)
        return Finding("port", Level.BAD, f"cannot listen on {where}: {why}", "set another web_host or web_port")
    for sock in held:
        sock.close()
    return Finding("port", Level.OK, f"{config.web_host}:{config.web_port} is free")
