// A live stream for this tab: its share of the browser's one stream, or one of its own where there are no shared workers.

const shared = () => "SharedWorker" in globalThis;
let worker = null;

class SharedStream {
  constructor(url) {
    this.listeners = new Map();
    this.onerror = null;
    worker ??= new SharedWorker(new URL("./shared.js", import.meta.url), { name: "hive" });
    worker.port.onmessage = ({ data }) => this.receive(data);
    worker.onerror = () => this.onerror?.();
    const query = url.searchParams;
    const path = `${url.pathname}?notices=1`;
    worker.port.postMessage({ path, agent: query.get("agent"), position: query.get("since"), of: query.get("epoch") ?? "" });
  }

  addEventListener(kind, act) {
    this.listeners.set(kind, act);
  }

  receive(message) {
    if (message.kind === "error") {
      this.onerror?.();
    } else {
      this.listeners.get(message.kind)?.(message);
    }
  }

  close() {
    worker.port.onmessage = null;
    worker.port.postMessage({ leave: true });
  }
}

// `url` has the agent of the page, its position and its epoch; the stream has the shape of an EventSource.
export const openStream = (url) => (shared() ? new SharedStream(url) : new EventSource(url));
