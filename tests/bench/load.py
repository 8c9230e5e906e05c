"""A client process that puts load on one server: `python -m tests.bench.load '{"protocol": …}'` prints one JSON line.

Plain sockets and epoll, requests made beforehand: what is measured is the server. Without `rate` every connection sends
its next request when the last one is answered; with it, requests fall due evenly and wait counts from the due time.
"""

import json
import select
import socket
import sys
import time

BODY = "x" * 512


class Hive:
    """Unix socket, JSON lines."""

    def open(self, address, number):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(address[number % len(address)])
        return sock

    def request(self, number):
        return json.dumps({"cmd": "send", "to": f"r{number % 4}", "body": BODY}).encode() + b"\n"

    def answered(self, data):
        if data.endswith(b"\n"):
            assert b'"ok":true' in data, data[:200]
            return True
        return False


class Redis:
    """TCP, RESP: a stream per recipient."""

    def open(self, address, number):
        return nodelay(socket.create_connection(tuple(address)))

    def request(self, number):
        words = [b"XADD", b"r%d" % (number % 4), b"*", b"from", b"alice", b"body", BODY.encode()]
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

    def answered(self, data):
        assert data.startswith(b"$"), data[:200]
        return data.count(b"\r\n") == 2


class Nats:
    """TCP, a JetStream publish with its acknowledgement."""

    def open(self, address, number):
        sock = nodelay(socket.create_connection(tuple(address)))
        sock.recv(65536)
        sock.sendall(b'CONNECT {"verbose":false}\r\nSUB _INBOX.%d.* 1\r\nPING\r\n' % number)
        while b"PONG" not in sock.recv(65536):
            pass
        return sock

    def request(self, number):
        return b"PUB hive.r%d _INBOX.%d.a %d\r\n%s\r\n" % (number % 4, number, len(BODY), BODY.encode())

    def answered(self, data):
        if data.replace(b"PING\r\n", b"").count(b"\r\n") == 2:
            assert b'"seq"' in data, data[:200]
            return True
        return False


PROTOCOLS = {"hive": Hive, "redis": Redis, "nats": Nats}


def nodelay(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def summary(latencies, seconds):
    return {
        "per_second": round(len(latencies) / seconds),
        "p50_ms": round(percentile(latencies, 0.5) * 1000, 3),
        "p99_ms": round(percentile(latencies, 0.99) * 1000, 3),
    }


def run(protocol, address, connections, seconds, rate=None):
    kind = PROTOCOLS[protocol]()
    socks = [kind.open(address, number) for number in range(connections)]
    requests = [kind.request(number) for number in range(connections)]
    by_fd = {sock.fileno(): number for number, sock in enumerate(socks)}
    poll = select.epoll()
    for sock in socks:
        poll.register(sock.fileno(), select.EPOLLIN)
    sent_at, got = [0.0] * connections, [b""] * connections
    latencies = []
    begin = time.perf_counter()
    end = begin + seconds
    if rate is None:
        for number, sock in enumerate(socks):
            sent_at[number] = time.perf_counter()
            sock.sendall(requests[number])
    gap = connections / rate if rate else 0.0
    due = [begin + gap * number / connections for number in range(connections)]
    while (now := time.perf_counter()) < end:
        if rate:
            for number in range(connections):
                if due[number] <= now and not sent_at[number]:
                    # Late because the last reply was: the wait counts. Late because this loop slept: it does not.
                    sent_at[number] = due[number] if now - due[number] > gap else time.perf_counter()
                    due[number] += gap
                    socks[number].sendall(requests[number])
        for fd, _ in poll.poll(0.0005 if rate else 0.1):
            number = by_fd[fd]
            got[number] += socks[number].recv(65536)
            if kind.answered(got[number]):
                done = time.perf_counter()
                latencies.append(done - sent_at[number])
                got[number], sent_at[number] = b"", 0.0
                if rate is None:
                    sent_at[number] = done
                    socks[number].sendall(requests[number])
    return summary(latencies, time.perf_counter() - begin)


if __name__ == "__main__":
    print(json.dumps(run(**json.loads(sys.argv[1]))))
