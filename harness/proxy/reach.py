"""One request to the model over the proxy's own way to it: `python -m harness.proxy.reach`, for `hive doctor`.

Standard input is an `Upstream` as JSON, so that the key is in no list of processes. Standard output is one JSON object:
`status` (of the answer to `GET /v1/models`) and `ahead_seconds` (by which this machine's clock is ahead of the model's;
null where the answer has no date), or `error`.
"""

import asyncio
import json
import ssl
import sys
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from harness.clock import now_ms
from harness.proxy.errors import BadRequestError
from harness.proxy.heads import Head, write
from harness.proxy.model import connect, final_head, words
from harness.wire.proxy import Upstream

ANSWER_SECONDS = 10.0

OAUTH_BETA = ("anthropic-beta", "oauth-2025-04-20")
"""Without this the API takes no token of a subscription; Claude Code sends it by itself."""


async def reach(upstream: Upstream) -> dict[str, int | float | str | None]:
    """What came of one look at the list of models, which costs nothing."""
    try:
        stream = await connect(upstream.url, ssl.create_default_context())
    except (OSError, TimeoutError) as error:
        return {"error": f"{upstream.url} cannot be reached: {words(error)}"}
    try:
        key = [] if upstream.credential is None else [upstream.credential]
        if upstream.token is not None and upstream.key is None:
            key.append(OAUTH_BETA)
        async with asyncio.timeout(ANSWER_SECONDS):
            await stream.write(_request(upstream.url, key))
            head: Head = await final_head(stream)
    except (OSError, TimeoutError, BadRequestError) as error:
        return {"error": f"{upstream.url} did not answer: {words(error)}"}
    finally:
        stream.close()
    return {"status": int(head.first[1]), "ahead_seconds": ahead_seconds(head.values("date"), now_ms())}


def ahead_seconds(dates: list[str], at_ms: int) -> float | None:
    """By how much a clock with this time is ahead of a `Date` header; None where none can be read. Pure."""
    try:
        return at_ms / 1000 - parsedate_to_datetime(dates[0]).timestamp()
    except (IndexError, ValueError):
        return None


def _request(url: str, key: list[tuple[str, str]]) -> bytes:
    parts = urlsplit(url)
    headers = [("Host", parts.netloc.rpartition("@")[2]), ("anthropic-version", "2023-06-01"), *key]
    return write(("GET", f"{parts.path.rstrip('/')}/v1/models", "HTTP/1.1"), [*headers, ("Connection", "close")])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(reach(Upstream.model_validate_json(sys.stdin.read())))) + "\n")
