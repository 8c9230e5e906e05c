"""`/`: the dashboard, and its sections one by one for the pages that are open."""

from harness.wire import names
from harness.wire.errors import HiveError, not_found
from web import section as sections_
from web.pages import layout
from web.sections import BY_NAME, DASHBOARD, flow
from web.services import Services
from web.visit import Answer, Visit


def show(services: Services, visit: Visit) -> Answer:
    """All sections in their order, the composer under the last."""
    rendered = [sections_.render(services, section, visit) for section in DASHBOARD]
    return layout.page(
        services,
        visit,
        "dashboard",
        title="hive",
        styles=("dashboard.css", "table.css", "decisions.css"),
        sections=rendered,
        recipients=recipients(services),
    )


def one(services: Services, visit: Visit, name: str) -> Answer:
    """`/section/<name>`: one section, afresh."""
    section = BY_NAME.get(name)
    if section is None:
        raise not_found(f"section {name!r}")
    return sections_.answer(services, section, visit)


def flow_rows(services: Services, visit: Visit) -> Answer:
    """`/section/flow/rows`: what was said after an id (or before one); the header tells the id to ask on from."""
    mails = flow.rows(services, visit)
    newest = max([visit.optional_number("after") or 0, *(mail.id for mail in services.reads.messages().value)])
    body = services.templates.render("flow_rows", visit=visit, mails=mails)
    return Answer(body, headers={"X-Last-Id": str(newest)})


def recipients(services: Services) -> list[str]:
    """Whom the composer offers; nobody when that can not be read, typing a name still works."""
    try:
        return [*(names.container_name(row.name) for row in services.reads.agents().value), "*"]
    except HiveError:
        return []
