"""Verbs on terminals: the operator's shells inside containers."""

import base64
import pwd

from actors.approvals import api as approvals
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.gateway.known import check_agent
from actors.routes import Route, route, stream_route
from actors.terminals import api as terminals
from actors.terminals.messages import Size
from actors.terminals.viewer import Frame, Output
from harness.wire.model import Done
from harness.wire.operator_api import terminals as wire


def open_terminal(context: OperatorContext, request: wire.OpenTerminal, connection: Connection) -> wire.TerminalReply:
    """The decision log says who opened it; a terminal that cannot be put there is closed again."""
    check_agent(context, request.agent)
    by = _opened_by(request, connection)
    size = Size(request.columns, request.rows)
    row = terminals.open_terminal(context.directory, request.agent, size, by)
    try:
        approvals.log_terminal(
            context.directory, agent=request.agent, by=by, terminal=row.id, at_ms=context.clock.now_ms()
        )
    except BaseException:
        terminals.close(context.directory, row.id)
        raise
    return wire.TerminalReply(terminal=row)


def listing(context: OperatorContext, request: wire.ListTerminals, _connection: Connection) -> wire.TerminalsReply:
    return wire.TerminalsReply(terminals=terminals.terminals(context.directory, request.agent))


def attach(context: OperatorContext, request: wire.AttachTerminal, connection: Connection) -> None:
    """The terminal, then its output as it comes; ends with the terminal, or when the viewer is too slow."""
    viewer = terminals.attach(context.directory, request.id, request.offset)
    connection.on_gone(viewer.close)
    try:
        row = terminals.describe(context.directory, request.id)
        connection.send(wire.TerminalReply(terminal=row).as_reply())
        for frame in viewer:
            connection.send(_line(frame).as_frame())
    finally:
        terminals.detach(context.directory, request.id, viewer)


def type_in(context: OperatorContext, request: wire.TypeInTerminal, _connection: Connection) -> Done:
    terminals.type_in(context.directory, request.id, base64.b64decode(request.data))
    return Done()


def resize(context: OperatorContext, request: wire.ResizeTerminal, _connection: Connection) -> Done:
    terminals.resize(context.directory, request.id, Size(request.columns, request.rows))
    return Done()


def close(context: OperatorContext, request: wire.CloseTerminal, _connection: Connection) -> Done:
    terminals.close(context.directory, request.id)
    return Done()


def recording(context: OperatorContext, request: wire.ReadRecording, _connection: Connection) -> wire.RecordingReply:
    text, following = terminals.recording(context.directory, request.id, request.offset)
    return wire.RecordingReply(text=text, next=following)


def _opened_by(request: wire.OpenTerminal, connection: Connection) -> str:
    """Who opens it, as far as the daemon knows: the session of a browser, or the user of the host."""
    if request.session is not None:
        return f"the operator in session {request.session}"
    try:
        return f"the operator as {pwd.getpwuid(connection.uid).pw_name}"
    except KeyError:
        return f"the operator as uid {connection.uid}"


def _line(frame: Frame) -> wire.TerminalFrame:
    if isinstance(frame, Output):
        return wire.TerminalFrame(offset=frame.offset, data=base64.b64encode(frame.data).decode())
    return wire.TerminalFrame(reason=frame.reason, exit_status=frame.exit_status)


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.OPEN_TERMINAL, open_terminal),
    route(wire.TERMINALS, listing),
    stream_route(wire.ATTACH_TERMINAL, attach),
    route(wire.TYPE_IN_TERMINAL, type_in),
    route(wire.RESIZE_TERMINAL, resize),
    route(wire.CLOSE_TERMINAL, close),
    route(wire.TERMINAL_RECORDING, recording),
)
