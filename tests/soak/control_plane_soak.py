"""Ten minutes of a control plane at half of the decisions that it can make, with 500 WebSockets and nodes that come
and go: its memory stays flat, nothing fails, and changes arrive within a second (p99). A shorter run (HEADGATE_SOAK_SECONDS,
HEADGATE_SOAK_WATCHERS) tells the figures without judging them: it proves that all of this works."""
import os
import re
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "contract"))
from server import PASSWORD, Server
from web_sockets import Watchers

SECONDS = int(os.environ.get("HEADGATE_SOAK_SECONDS", "600"))
WATCHERS = int(os.environ.get("HEADGATE_SOAK_WATCHERS", "500"))
WHOLE_SECONDS = 600
CONNECTIONS = 64
MOST_GROWTH = 1.05  # from the end of the first quarter on, when all is allocated
MOST_LAG_SECONDS = 1.0
LEAST_SHARE = 0.4  # of the decisions that it makes without anything else to do; half are asked for


def group(edges):
    return {
        "name": "main", "cloudPlatform": "LOCAL", "whenFull": "accept", "images": [{"name": "node", "image": "node-0.1"}],
        "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
                  {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
        "subgroups": [{"name": "here", "cloudProperties": "region=here",
                       "rules": [{"roleName": "edge", "min": edges, "max": edges},
                                 {"roleName": "origin", "min": 1, "max": 1}]}],
    }


class ControlPlaneSoak(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        account = {"token": self.server.setup_token, "username": "admin", "password": PASSWORD}
        as_json = {"Content-Type": "application/json"}
        self.server.token = self.server.call("post", "/api/v1/setup", account, as_json)[2]["token"]
        self.assertEqual(self.server.call("post", "/api/v1/node-groups", group(2), as_json)[0], 201)
        token = self.server.file("token", self.server.token + "\n")
        self.server.wait_for(lambda: len(self.nodes("INSERVICE")) == 3)
        self.publisher = subprocess.Popen(
            [f"{self.server.programs}/headgatectl", "--server", f"http://127.0.0.1:{self.server.port}", "--token-file",
             token, "publish-test", "live/show1", "--node-group", "main"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.server.wait_for(lambda: self.server.call("get", "/api/v1/streams")[2]["streams"])

    def tearDown(self):
        self.publisher.terminate()
        self.publisher.wait(30)
        self.server.close()

    def test_nothing_grows_fails_or_lags(self):
        most = self.decisions(self.start_wrk(min(10, SECONDS), 0))
        pause = max(1, int(CONNECTIONS * 1000 / (most / 2)) - 1)  # an answer takes its time as well
        watchers = Watchers(self.server.port, self.server.token, WATCHERS)
        try:
            self.server.wait_for(lambda: watchers.open() == WATCHERS or watchers.failures)
            self.assertEqual(watchers.failures, [])
            load = self.start_wrk(SECONDS, pause)
            memory, lags, came = self.let_nodes_come_and_go(watchers)
            made = self.decisions(load)
            self.server.wait_for(lambda: watchers.messages or watchers.failures)
        finally:
            watchers.close()
        p99 = lags[len(lags) * 99 // 100] if lags else 0
        print(f"\n{most:.0f} decisions/s at most, {made:.0f} kept up; {watchers.messages} messages, lag p99 {p99:.3f} s; "
              f"{came} nodes; memory {memory[len(memory) // 4] >> 20} to {memory[-1] >> 20} MiB", file=sys.stderr)
        self.assertEqual(watchers.failures, [])
        if SECONDS < WHOLE_SECONDS:
            return
        self.assertGreater(came, 4)
        self.assertGreaterEqual(made, most * LEAST_SHARE)
        # Each watcher hears of each change, of which there are several a minute.
        self.assertGreater(len(lags), WATCHERS * SECONDS // 15)
        self.assertLessEqual(p99, MOST_LAG_SECONDS)
        self.assertLessEqual(memory[-1], memory[len(memory) // 4] * MOST_GROWTH)

    def let_nodes_come_and_go(self, watchers):
        """Memory once a second, all lags, and how many nodes there were."""
        ends = time.monotonic() + SECONDS
        memory, lags, ids, second = [], [], set(), 0
        while time.monotonic() < ends:
            if second % 15 == 0:
                edges = 4 if second % 30 == 0 else 2
                changed = {"subgroups": group(edges)["subgroups"]}
                status, _, answer = self.server.call("patch", "/api/v1/node-groups/main", changed,
                                                     {"Content-Type": "application/merge-patch+json"})
                self.assertEqual(status, 200, answer)
            ids.update(self.nodes())
            memory.append(self.server.resident_bytes())
            lags += watchers.lags()
            second += 1
            time.sleep(max(0, 1 - time.time() % 1))
        return memory, sorted(lags), len(ids)

    def nodes(self, state=""):
        status, _, answer = self.server.call("get", "/api/v1/nodes" + (f"?state={state}" if state else ""))
        self.assertEqual(status, 200, answer)
        return [node["node"]["id"] for node in answer["nodes"]]

    def start_wrk(self, seconds, pause):
        return subprocess.Popen(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", f"{HERE}/decisions.lua",
             f"http://127.0.0.1:{self.server.port}"],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "HEADGATE_PAUSE_MS": str(pause), "HEADGATE_TOKEN": self.server.token})

    def decisions(self, wrk):
        """Per second; a single one that is refused is a failure."""
        output = wrk.communicate()[0]
        self.assertNotRegex(output, "Non-2xx|Socket errors")
        return float(re.search(r"Requests/sec:\s*([\d.]+)", output).group(1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
