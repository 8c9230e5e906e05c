"""The causes of the fake daemon: what its messages, questions and reminders name as theirs, one level after the other."""

from harness.wire.boundary.causes import CauseRow, Cost, known
from harness.wire.errors import not_found
from harness.wire.operator_api.causes import CausesReply, ThreadReply

PRICE = 0.155
"""Of every turn."""


def causes_reply(fake, request):
    if known(request.name) is None or row(fake, request.name, 0) is None:
        raise not_found(request.name, "it may be too old to be kept")
    follow = before if request.cmd == "why" else after
    rows, seen = [], set()

    def add(name, depth):
        rows.append(row(fake, name, depth) or CauseRow(name=name, depth=depth))
        if name in seen:
            rows[-1] = rows[-1].model_copy(update={"again": True})
            return
        seen.add(name)
        following = follow(fake, name)
        if request.cmd == "why" and not following:
            origin = "operator" if rows[-1].who == "operator" else "unknown"
            rows[-1] = CauseRow.model_validate(rows[-1].model_dump() | {"origin": origin})
        for one in following:
            add(one, depth + 1)

    add(request.name, 0)
    return CausesReply(rows=rows, cost=cost(seen))


def thread_reply(fake, request):
    mail = {one.id: one for one in fake.messages}
    if request.id not in mail:
        raise not_found(f"message {request.id}", "`hive messages` shows the numbers")
    root = mail[request.id].thread or request.id
    found = [one for one in fake.messages if root in (one.id, one.thread)]
    page = [one for one in found if request.before is None or one.id < request.before][-request.limit :]
    turns = dict.fromkeys(turn for one in page for turn in after(fake, f"message:{one.id}") if turn.startswith("turn"))
    return ThreadReply(
        root=root, total=len(found), messages=page, rows=[row(fake, one, 1) for one in turns], cost=cost(turns)
    )


def row(fake, name, depth):
    kind, _, number = name.partition(":")
    if kind == "turn":
        agent = number.partition("/")[0]
        at = next((one.sent_at for one in fake.messages if one.cause == name), None)
        return (
            CauseRow(name=name, depth=depth, at=at, who=agent, status="ok", duration_ms=4_200, cost_usd=PRICE, tools=3)
            if at
            else None
        )
    if kind == "message":
        one = next((one for one in fake.messages if str(one.id) == number), None)
        thread = one and (one.thread or one.id)
        return one and CauseRow(
            name=name,
            depth=depth,
            at=one.sent_at,
            who=one.from_,
            to=one.to,
            text=one.body,
            status="message",
            thread=thread,
        )
    return None


def before(fake, name):
    kind, _, number = name.partition(":")
    if kind == "turn":
        return [f"message:{one}" for one in fake.given.get(name, ())]
    one = next(one for one in fake.messages if str(one.id) == number)
    return [one.cause] if one.cause else []


def after(fake, name):
    kind, _, number = name.partition(":")
    given = [turn for turn, ids in fake.given.items() if kind == "message" and int(number) in ids]
    return given + [f"message:{one.id}" for one in fake.messages if one.cause == name]


def cost(names):
    turns = [name for name in names if name.startswith("turn:")]
    agents = {name.partition("/")[0] for name in turns}
    price = len(turns) * PRICE if turns else None
    return Cost(turns=len(turns), agents=len(agents), cost_usd=price, unpriced=0, tools=3 * len(turns), complete=True)
