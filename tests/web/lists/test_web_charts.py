"""Charts: the live time since the last turn, costs by day, how long approvals took, and a table for each of them."""

import re

import pytest

from harness.wire import times
from harness.wire.errors import unavailable
from web.presentation.charts import costs, silence
from web.presentation.charts.chart import Chart, ChartLine
from web.presentation.charts.statistics import statistics

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 20_000 * DAY + 12 * HOUR


def drawn(**values):
    found = statistics(values.pop("series", {}), NOW - HOUR, NOW, **values)
    return {one.key: {line.name: line.values for line in one.lines} for one in found.charts}


def test_the_time_since_the_last_turn_grows_until_now_and_falls_with_each_turn():
    turns = {"ann": {"turns": [[NOW - 30 * MINUTE, 1], [NOW - 10 * MINUTE, 1]]}}
    values = drawn(series=turns, last_turns={"ann": NOW - 10 * MINUTE, "bob": NOW - 3 * DAY})["silence"]
    assert values["ann"][-1] == 10
    assert values["ann"][:30] == [None] * 30
    assert max(value for value in values["ann"] if value is not None) == pytest.approx(19.5)
    assert values["bob"][0] == pytest.approx(3 * 24 * 60 - 59.5)
    assert values["bob"][-1] == 3 * 24 * 60
    assert silence.minutes([], NOW + MINUTE, [NOW / 1000], NOW) == [None]


def test_the_agents_that_have_been_silent_for_longest_are_drawn():
    values = drawn(last_turns={f"a{number}": NOW - number * MINUTE for number in range(10)})["silence"]
    assert list(values) == ["a9", "a8", "a7", "a6", "a5", "a4"]


def test_a_queue_that_did_not_change_is_what_it_is_now():
    assert drawn(pending=3)["approvals"]["pending"] == [3.0] * 60
    assert "approvals" not in drawn(pending=0)


def test_approvals_show_how_long_they_took():
    values = drawn(resolved=[(NOW - 1, 4 * MINUTE), (NOW - 2, 8 * MINUTE), (NOW - 2 * HOUR, 9 * MINUTE)])["resolved"]
    assert (values["median"][-1], values["longest"][-1]) == (6, 8)
    assert values["median"][:-1] == [None] * 59


def test_costs_have_a_line_for_each_agent_and_a_value_for_each_day():
    today = NOW // DAY * DAY
    chart = costs.chart({"ann": [[today - 2 * DAY, 0.5, 3], [today, 2.0, 1]], "*": [[today, 1.0, 9]]}, NOW, 3)
    assert [(line.name, line.values) for line in chart.lines] == [("ann", [0.5, 0.0, 2.0]), ("others", [0.0, 0.0, 1.0])]
    assert chart.table() == [(times.from_ms(today - 2 * DAY), [0.5, 0.0]), (times.from_ms(today), [2.0, 1.0])]


def test_a_table_has_the_times_that_have_a_value():
    chart = Chart("k", "t", "", [1.0, 2.0, 3.0], [ChartLine("a", [0.0, None, 5.0]), ChartLine("b", [0.0, 2.0, None])])
    assert chart.table() == [("1970-01-01T00:00:02.000Z", [None, 2.0]), ("1970-01-01T00:00:03.000Z", [5.0, None])]


def test_every_chart_of_the_page_has_its_table(site):
    page = site.get("/stats").text
    keys = re.findall(r'<figure id="chart-([a-z-]+)"', page)
    assert {"turns", "tools", "duration", "outcomes", "inbox", "sent", "received", "silence", "notes", "approvals", "costs", "per-tool"} <= set(keys)  # fmt: skip
    for figure in page.split("<figure ")[1:]:
        figure = figure.partition("</figure>")[0]
        assert "<table" in figure
        assert '<th scope="row">' in figure
    assert "<time data-age" in page.partition('id="chart-silence"')[2].partition("</figcaption>")[0]


def test_the_charts_of_one_agent_are_its_own(site):
    page = site.get("/stats?agent=alice").text
    assert 'id="chart-approvals"' not in page
    figure = page.partition('id="chart-costs"')[2].partition("</figure>")[0]
    assert ("alice" in figure, "manager" in figure) == (True, False)


def test_what_cannot_be_read_leaves_the_other_charts(site, fake):
    fake.refuse |= {cmd: unavailable("it is away") for cmd in ("agent_status", "pending", "needs")}
    page = site.get("/section/stats").text
    assert "it is away" in page
    assert 'id="chart-turns"' in page
    assert 'id="chart-silence"' not in page


def test_the_tab_of_an_agent_sums_up_what_it_did_since_its_start(site):
    page = site.get("/agent/alice/?tab=stats").text
    boot = page.partition('class="facts boot"')[2].partition("</dl>")[0]
    assert re.search(r"since its start</dt><dd>9 turns", boot)
    assert "top tools</dt><dd>Read 18 · " in boot
    assert "tokens</dt>" in boot
