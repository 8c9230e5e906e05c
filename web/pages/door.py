"""`/login` and `/logout`. The token comes in a form; `hive up` prints it behind a `#`, which a browser never sends."""

from harness.wire.errors import ErrorCode, HiveError
from web import urls
from web.pages import layout
from web.services import Services
from web.visit import Answer, Visit, see_other

SESSION = "session"
"""The name under which `app` sets the cookie; the browser sees it with the port, because cookies do not know ports."""


def show(services: Services, visit: Visit) -> Answer:
    """GET `/login`."""
    if visit.session is not None:
        return see_other(urls.local_path(visit.query.get("next")))
    return layout.bare(services, visit, "login", title="log in · hive", error=None, next=visit.query.get("next", "/"))


def log_in(services: Services, visit: Visit) -> Answer:
    """POST `/login`: the right token opens a session; a wrong one counts against the address."""
    now = visit.now_ms / 1000
    following = urls.local_path(visit.form.get("next"))
    wait = services.throttle.retry_after(visit.address, now)
    if wait > 0:
        error = HiveError(
            ErrorCode.RATE_LIMITED,
            "too many wrong tokens from this address",
            f"wait {wait:.0f} s; the token is in the file that `hive up` names",
            retry_after_seconds=wait,
        )
        page = layout.bare(services, visit, "login", title="log in · hive", status=429, error=error, next=following)
        return Answer(page.body, 429, headers={"Retry-After": f"{wait:.0f}"})
    if not services.keyring.is_token(visit.form.get("token", "").strip()):
        services.throttle.failed(visit.address, now)
        error = HiveError(ErrorCode.FORBIDDEN, "that is not the token of this hive", "`hive up` prints the right one")
        return layout.bare(services, visit, "login", title="log in · hive", status=403, error=error, next=following)
    return see_other(following, {SESSION: services.keyring.open_session(int(now))})


def log_out(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """POST `/logout`: this browser forgets."""
    return see_other(urls.LOGIN, {SESSION: ""})
