// Draws the charts in data-chart, and redraws one when its data changes. Without the library the figures in words remain.

const HEIGHT = 170;
const COLOURS = ["--out", "--attention", "--ok", "--bad", "--heading", "--system", "--wait", "--move"];
const plots = new Map();
const probe = document.createElement("span");

// The colour of a token as a canvas takes it: a token has one value for light and one for dark.
function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(document.documentElement.appendChild(probe)).color;
}

const DAY_S = 86_400;

// A value between two gaps has no line: only a point shows it.
function lonePoints(plot, index) {
  const values = plot.data[index];
  const known = (at) => values[at] !== null && values[at] !== undefined;
  return values.map((_, at) => at).filter((at) => known(at) && !known(at - 1) && !known(at + 1));
}

function stamp(second, width, byDay) {
  if (byDay) {
    return new Date(second * 1000).toLocaleDateString([], { month: "short", day: "numeric", timeZone: "UTC" });
  }
  const shape = width > DAY_S * 1.1 ? { weekday: "short", hour: "2-digit" } : { hour: "2-digit", minute: "2-digit" };
  return new Date(second * 1000).toLocaleString([], { ...shape, hour12: false });
}

function options(figure, unit, names, byDay) {
  const axis = { stroke: colour("--sub"), grid: { stroke: colour("--edge"), width: 1 }, ticks: { stroke: colour("--edge"), width: 1 }, font: "11px monospace" };
  const shown = (value) => (value === null || value === undefined ? "—" : `${Number(value.toPrecision(3))}${unit ? ` ${unit}` : ""}`);
  return {
    width: figure.querySelector(".plot").clientWidth,
    height: HEIGHT,
    cursor: { y: false },
    legend: { live: true },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 1) * 1.1 || 1] } },
    axes: [{ ...axis, values: (plot, splits) => splits.map((second) => stamp(second, plot.scales.x.max - plot.scales.x.min, byDay)) }, { ...axis, size: 46 }],
    series: [
      { value: byDay ? "{YYYY}-{MM}-{DD}" : "{YYYY}-{MM}-{DD} {HH}:{mm}" },
      ...names.map((label, index) => ({
        label,
        stroke: colour(COLOURS[index % COLOURS.length]),
        width: 1.5,
        spanGaps: true,
        points: { show: true, size: 6, filter: lonePoints },
        value: (_, value) => shown(value),
      })),
    ],
  };
}

function draw(figure) {
  const source = figure.dataset.chart;
  const known = plots.get(figure);
  if (known?.source === source) {
    return;
  }
  const { unit, names, data, byDay } = JSON.parse(source);
  if (known && known.names === names.join()) {
    known.plot.setData(data);
    known.source = source;
    return;
  }
  known?.plot.destroy();
  const plot = new uPlot(options(figure, unit, names, byDay), data, figure.querySelector(".plot"));
  plots.set(figure, { plot, source, names: names.join() });
}

function drawAll() {
  for (const [figure, { plot }] of plots) {
    if (!figure.isConnected) {
      plot.destroy();
      plots.delete(figure);
    }
  }
  document.querySelectorAll("[data-chart]").forEach(draw);
}

export function start() {
  if (!globalThis.uPlot) {
    return;
  }
  drawAll();
  document.addEventListener("htmx:after:swap", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    plots.forEach(({ plot }) => plot.destroy());
    plots.clear();
    drawAll();
  });
  addEventListener("resize", () => {
    for (const [figure, { plot }] of plots) {
      plot.setSize({ width: figure.querySelector(".plot").clientWidth, height: HEIGHT });
    }
  });
}
