"""A real headgated of this build, with a token."""
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import time

PASSWORD = "correct horse battery"


class Server:
    def __init__(self):
        self._directory = tempfile.TemporaryDirectory()
        self.programs = os.environ["HEADGATE_BIN_DIR"]
        self._log = open(f"{self._directory.name}/log", "w", encoding="utf-8")
        pid = os.getpid()
        self._process = subprocess.Popen(
            [f"{self.programs}/headgated", "--data-dir", f"{self._directory.name}/data", "--listen", "127.0.0.1:0",
             "--local-network", f"127.{90 + pid // 256 % 120}.{pid % 256}.0/24", "--stop-nodes"],
            stdout=self._log, stderr=subprocess.STDOUT)
        output = self.wait_for(self._greeting)
        self.port = int(re.search(r"listens on http://127\.0\.0\.1:(\d+)", output).group(1))
        self.setup_token = re.search(r"\n    ([0-9a-f]{32})\n", output).group(1)
        self.token = None
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        self._log.close()
        self._directory.cleanup()

    def file(self, name, text):
        path = f"{self._directory.name}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def call(self, method, target, body=None, headers=None, as_nobody=False):
        """Status, fields and body: JSON where it is, else bytes."""
        headers = {"Accept": "*/*", **(headers or {})}
        if self.token and not as_nobody:
            headers["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self._connection.request(method.upper(), target, body.encode("utf-8", "surrogatepass") if body else None,
                                     headers)
            answer = self._connection.getresponse()
            data = answer.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            self._connection = None
            raise
        if answer.will_close:
            self._connection.close()
            self._connection = None
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        return answer.status, answer.headers, json.loads(data) if media_type.endswith("json") else data

    def wait_for(self, condition):
        """What `condition` answers, once it is something; a minute at most."""
        for _ in range(600):
            found = condition()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError("did not come within a minute")

    def resident_bytes(self):
        with open(f"/proc/{self._process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _greeting(self):
        with open(self._log.name, encoding="utf-8") as log:
            text = log.read()
        return text if "listens on" in text and re.search(r"\n    [0-9a-f]{32}\n", text) else None
