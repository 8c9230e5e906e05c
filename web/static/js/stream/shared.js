// The one live stream of a browser, as a shared worker: a browser opens six connections to a server, and every tab that
// had a stream of its own would take one of them. Each tab names its agent and its position; the stream carries the agents
// of all tabs, and begins again at an older position when a tab that joins has missed something.

const ports = new Map();
const KINDS = ["hello", "link", "notice", "snapshot"];
let source = null;
let agents = "";
let epoch = "";
let since = null;
const last = {};

const wantedAgents = () => [...new Set([...ports.values()].filter(Boolean))].sort().join(",");

function close() {
  source?.close();
  source = null;
}

function tell(message) {
  for (const port of ports.keys()) {
    port.postMessage(message);
  }
}

function open(path, from) {
  close();
  agents = wantedAgents();
  since = from;
  const url = new URL(path, self.location.origin);
  url.searchParams.delete("agent");
  if (agents) {
    url.searchParams.set("agent", agents);
  }
  if (from !== null) {
    url.searchParams.set("since", from);
    url.searchParams.set("epoch", epoch);
  }
  source = new EventSource(url);
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      since = event.lastEventId || since;
      const message = { kind, data: event.data, lastEventId: event.lastEventId };
      last[kind] = message;
      if (kind === "hello") {
        epoch = JSON.parse(event.data).epoch ?? epoch;
      }
      tell(message);
    });
  }
  source.onerror = () => {
    const left = [...ports.keys()];
    close();
    delete last.hello;
    ports.clear();
    left.forEach((port) => port.postMessage({ kind: "error" }));
  };
}

function join(port, { path, agent, position, of }) {
  ports.set(port, agent);
  const missed = position !== null && (of !== epoch || since === null || Number(position) < Number(since));
  const covered = !agent || agents.split(",").includes(agent);
  if (!source) {
    epoch = of;
    open(path, position);
  } else if (missed || !covered) {
    const from = of !== epoch || position === null || since === null ? position : String(Math.min(Number(position), Number(since)));
    epoch = of || epoch;
    open(path, from);
  } else if (last.hello) {
    port.postMessage(last.hello);
    last.link && port.postMessage(last.link);
  }
}

function leave(port) {
  ports.delete(port);
  if (!ports.size) {
    close();
    delete last.hello;
  }
}

self.onconnect = (event) => {
  const [port] = event.ports;
  port.onmessage = ({ data }) => (data.leave ? leave(port) : join(port, data));
};
