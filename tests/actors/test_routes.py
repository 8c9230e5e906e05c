"""Every verb of the wire's tables has one function behind it, and every function is one of a verb."""

from collections import Counter

import pytest

from actors.agent.socket import peers as peer_socket
from actors.agent.socket import routes as agent_socket
from actors.gateway import surface
from actors.routes import handler, verbs
from harness.wire import agent_api, operator_api
from harness.wire.verb import Caller

SURFACES = [(agent_socket.ROUTES, agent_api.ROWS), (surface.ROUTES, operator_api.ROWS)]


@pytest.mark.parametrize(("routes", "rows"), SURFACES, ids=["agent", "operator"])
def test_each_verb_of_the_table_has_exactly_one_function(routes, rows):
    assert Counter(route.verb.cmd for route in routes) == Counter(row.cmd for row in rows)
    assert {route.verb for route in routes} == set(rows)


def test_a_peer_has_a_function_for_each_of_its_verbs_and_its_own_for_what_an_agent_is_behind():
    assert verbs(peer_socket.ROUTES, Caller.PEER) == agent_api.PEER_VERBS
    shared = {route.verb.cmd: route.function for route in agent_socket.ROUTES}
    own = {one.verb.cmd for one in peer_socket.ROUTES if one.function is not shared[one.verb.cmd]}
    assert own == {"whoami", "set_status"}


@pytest.mark.parametrize(
    ("routes", "caller", "served"),
    [
        (agent_socket.ROUTES, Caller.AGENT, agent_api.AGENT_VERBS),
        (agent_socket.ROUTES, Caller.MANAGER, agent_api.MANAGER_VERBS),
        (agent_socket.ROUTES, Caller.HARNESS, agent_api.HARNESS_VERBS),
        (surface.ROUTES, Caller.OPERATOR, operator_api.HOST_VERBS),
        (surface.ROUTES, Caller.WEB, operator_api.WEB_VERBS),
    ],
)
def test_a_socket_serves_what_the_rows_give_its_caller(routes, caller, served):
    assert verbs(routes, caller) == served


def test_a_handler_gives_its_context_and_the_connection_to_the_function_of_the_request():
    calls = []

    class Route:
        verb = agent_api.mail.STATUS
        function = staticmethod(lambda *given: calls.append(given))

    request = agent_api.Status()
    assert handler([Route], "context")(request, "connection") is None
    assert calls == [("context", request, "connection")]
