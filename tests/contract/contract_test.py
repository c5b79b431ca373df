"""The native interface of a real headgated against resources/openapi.yaml: every call that is described is made and
every answer has exactly what is described; and requests drawn from the document find no failure of the server."""
import json
import os
import random
import socket
import subprocess
import sys
import unittest

from openapi_document import Document
from request_maker import RequestMaker
from server import PASSWORD, Server

SOURCES = os.environ["HEADGATE_SOURCE_DIR"]
DRAWN = int(os.environ.get("HEADGATE_DRAWN_REQUESTS", "40"))  # of each operation
SEED = int(os.environ.get("HEADGATE_SEED", "1"))

GROUP = {
    "name": "main", "description": "A group of a test.", "cloudPlatform": "LOCAL",
    "images": [{"name": "node", "image": "node-0.1"}],
    "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
              {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
    "subgroups": [{"name": "here", "cloudProperties": "region=here",
                   "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 1, "max": 1}]}],
}
CALENDAR = {"zone": "Europe/Berlin", "start": "2099-06-01T20:00:00", "end": {"at": "22:00"}}
OVERLAY = {"scope": {"nodeGroup": "main"}, "from": "2099-06-01T18:00:00Z", "to": "2099-06-01T20:00:00Z",
           "op": {"kind": "floor", "nodes": 0}}
NEW = {
    "/api/v1/node-groups": {**GROUP, "name": "second", "subgroups": [{**GROUP["subgroups"][0], "rules": [
        {"roleName": "edge", "min": 0, "max": 0}, {"roleName": "origin", "min": 0, "max": 0}]}]},
    "/api/v1/schedules": {"id": "s", "scope": {"nodeGroup": "second"}, "timing": CALENDAR,
                          "effect": {"kind": "active", "min": 1, "max": 2}},
    "/api/v1/overlays": {"id": "o", **OVERLAY},
    "/api/v1/exclusion-sets": {"name": "e", "events": [{"summary": "New Year", "timing": CALENDAR}]},
    "/api/v1/limits": {"name": "l", "scope": {"nodeGroup": "main"}, "nodes": 5},
    "/api/v1/configurations": {"base": "main", "configuration": {**GROUP, "name": "c"},
                               "openings": [{"name": "gala", "timing": {"cron": "0 0 20 1 6 ? 2099", "durationS": 7200}}]},
    "/api/v1/deployments": {"name": "d", "description": "One."},
    "/api/v1/provisions": {"nodeGroup": "second", "provision": {"provisionGuid": "live/p", "streams": [{"streamGuid": "live/p"}]}},
}
PUT = {
    "/api/v1/node-images/{name}": ("i", {"description": "An image."}),
    "/api/v1/regions/{name}": ("home", {"title": "Home", "latitude": 52.5, "longitude": 13.4}),
}
MEASUREMENT = {"measuredAt": "2027-01-01T00:00:00Z", "streamBitsPerSecond": 1510000, "viewersPerCore": 2500}
# Nodes of what is drawn would be started.
DRY = ("node-groups", "plan", "schedules", "overlays", "configurations", "deployments", "nodes", "streams")


class ContractTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = Document(SOURCES + "/resources/openapi.yaml")
        cls.operations = {str(each): each for each in cls.document.operations("/api/v1/")}
        cls.called = set()
        cls.server = Server()
        account = {"token": cls.server.setup_token, "username": "admin", "password": PASSWORD}
        _, _, session = cls.checked("POST /api/v1/setup", "/api/v1/setup", 201, account)
        cls.server.token = session["token"]

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    @classmethod
    def checked(cls, operation, target, status, body=None, headers=None, as_nobody=False):
        """The answer of a call that is to end with `status` and to be as described."""
        found = cls.operations[operation]
        if found.media and body is not None:
            headers = {"Content-Type": next(iter(found.media)), **(headers or {})}
        answered, fields, answer = cls.server.call(found.method, target, body, headers, as_nobody)
        assert answered == status, f"{operation}: {answered}, not {status}: {answer}"
        complaint = cls.document.complaint(found, answered, fields.get("Content-Type", "").split(";")[0],
                                           answer if answer != b"" else None)
        assert complaint is None, complaint
        assert fields["X-Request-Id"], operation
        for name, described in cls.document.resolved(found.responses[str(status)]).get("headers", {}).items():
            assert name in fields or name not in ("ETag",) or "dryRun" in target, f"{operation} has no {name}: {described}"
        if status < 300:
            cls.called.add(operation)
        return answered, fields, answer

    def test_1_every_call_is_answered_as_described(self):
        self.make_all()
        self.read_and_change_all()
        self.use_nodes()
        self.use_accounts()
        self.use_recordings()
        self.remove_all()
        missing = set(self.operations) - self.called - {"GET /api/v1/events"}
        self.assertEqual(missing, set())

    def make_all(self):
        self.checked("POST /api/v1/node-groups", "/api/v1/node-groups", 201, GROUP)
        for path, body in NEW.items():
            self.checked(f"POST {path}", path, 201, body)
        for path, (name, body) in PUT.items():
            self.checked(f"PUT {path}", path.replace("{name}", name), 200, body)
        self.checked("POST /api/v1/node-images/{name}/measurements", "/api/v1/node-images/i/measurements", 200, MEASUREMENT)
        self.checked("PUT /api/v1/default-region", "/api/v1/default-region", 200, {"name": "home"})
        self.checked("PATCH /api/v1/default-region", "/api/v1/default-region", 200, {"name": ""})
        self.checked("POST /api/v1/plan", "/api/v1/plan", 200, {"overlays": [{"id": "p", **OVERLAY}]})

    def objects(self):
        """Path in the document, address and member of the answer that a PUT takes."""
        members = {"node-groups": "group", "deployments": "deployment", "node-images": "image", "regions": "region"}
        names = {"deployments": "d", "node-images": "i", "regions": "home", "schedules": "s", "overlays": "o",
                 "exclusion-sets": "e", "limits": "l", "configurations": "c", "node-groups": "second"}
        for kind, name in names.items():
            parameter = "{name}" if kind in members else "{id}"
            yield f"/api/v1/{kind}/{parameter}", f"/api/v1/{kind}/{name}", members.get(kind, "item")

    def read_and_change_all(self):
        for plain in ("health", "openapi.yaml", "snapshot", "audit", "metrics", "usage", "plan", "node-groups", "node-images",
                      "schedules", "overlays", "exclusion-sets", "limits", "configurations", "regions", "deployments",
                      "nodes", "streams", "provisions"):
            self.checked(f"GET /api/v1/{plain}", f"/api/v1/{plain}", 200)
            if not self.operations[f"GET /api/v1/{plain}"].is_open:
                self.checked(f"GET /api/v1/{plain}", f"/api/v1/{plain}", 401, as_nobody=True)
        self.checked("GET /api/v1/node-groups", "/api/v1/node-groups?limit=1&sort=-name", 200)
        self.checked("GET /api/v1/node-groups", "/api/v1/node-groups?bogus=1", 400)
        self.checked("GET /api/v1/usage", "/api/v1/usage?from=2027-06-01&to=2027-06-30", 200)
        for wrong in ("from=yesterday", "from=2027-02-30", "from=2020-01-01&to=2027-01-01", "from=2027-01-02&to=2027-01-01"):
            self.checked("GET /api/v1/usage", f"/api/v1/usage?{wrong}", 400)
        question = {"from": "2099-06-01T00:00:00Z", "to": "2099-06-03T00:00:00Z", "zone": "Europe/Berlin"}
        self.checked("POST /api/v1/preview", "/api/v1/preview", 200, question)
        for path, address, member in self.objects():
            _, fields, found = self.checked(f"GET {path}", address, 200)
            self.checked(f"GET {path}", address + "-none", 404)
            tag = {"If-Match": fields["ETag"]}
            self.checked(f"PUT {path}", address + "?dryRun=true", 200, found[member], tag)
            self.checked(f"PUT {path}", address, 400, {"bogus": 1})
            self.checked(f"PATCH {path}", address, 200, {}, tag)
            self.checked(f"PATCH {path}", address, 412, {}, {"If-Match": '"99"'})
            self.checked(f"DELETE {path}", address, 412, headers={"If-Match": '"99"'})

        path, address = "/api/v1/provisions/{key}", "/api/v1/provisions/second%2Flive%2Fp"
        _, fields, found = self.checked(f"GET {path}", address, 200)
        self.checked(f"GET {path}", "/api/v1/provisions/uid:" + found["uid"], 200)
        self.checked(f"PUT {path}", address, 200, {"provision": found["provision"]}, {"If-Match": fields["ETag"]})
        self.checked(f"PUT {path}", address, 412, {"provision": found["provision"]}, {"If-Match": '"99"'})
        self.checked(f"PATCH {path}", address, 200, {"provision": {"note": "x"}})
        self.checked(f"POST {path}/distribute", address + "/distribute", 200)
        self.checked(f"PATCH {path}", address, 400, {"provision": {"note": "y"}})
        self.checked(f"POST {path}/withdraw", address + "/withdraw", 200)
        self.checked(f"PATCH {path}", address, 200, {"provision": {"note": "y"}})
        self.checked("GET /api/v1/jobs", "/api/v1/jobs?state=live,ended&sort=-since&limit=5", 200)
        self.checked("GET /api/v1/jobs", "/api/v1/jobs?limit=0", 400)
        self.checked(f"DELETE {path}", address, 200)
        self.checked(f"DELETE {path}", address, 404)

    def use_nodes(self):
        def in_service():
            nodes = self.server.call("get", "/api/v1/nodes?state=INSERVICE")[2]["nodes"]
            return {node["node"]["pool"]["role"]: node["node"]["id"] for node in nodes} if len(nodes) == 2 else None

        nodes = self.server.wait_for(in_service)
        self.checked("PATCH /api/v1/node-groups/{name}", "/api/v1/node-groups/main", 200,
                     {"recording": {"isOn": True, "segmentSeconds": 1}})
        token = self.server.file("token", self.server.token + "\n")
        stream = "nodeGroup=main&stream=live/show1"
        publisher = subprocess.Popen(
            [f"{self.server.programs}/headgatectl", "--server", f"http://127.0.0.1:{self.server.port}", "--token-file",
             token, "publish-test", "live/show1", "--node-group", "main", "--duration", "60"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.server.wait_for(lambda: self.server.call("get", "/api/v1/streams")[2]["streams"])
            self.checked("GET /api/v1/streams", "/api/v1/streams", 200)
            self.checked("GET /api/v1/snapshot", "/api/v1/snapshot", 200)
            self.checked("GET /api/v1/streams/details", f"/api/v1/streams/details?{stream}", 200)
            self.checked("GET /api/v1/routes/subscribe", f"/api/v1/routes/subscribe?{stream}", 200)
            self.checked("GET /api/v1/routes/publish", "/api/v1/routes/publish?nodeGroup=main&stream=live/two", 200)
            for purpose, role in (("subscribe", "edge"), ("publish", "origin")):
                path = f"/api/v1/passes/{purpose}"
                self.checked(f"GET {path}", f"{path}?{stream}&node={nodes[role]}", 200)
                self.checked(f"GET {path}", f"{path}?{stream}&node=nowhere", 404)
            self.server.wait_for(lambda: self.server.call("get", f"/api/v1/streams/thumbnail?{stream}")[0] == 200)
            self.checked("GET /api/v1/streams/thumbnail", f"/api/v1/streams/thumbnail?{stream}", 200)
            self.disconnect_a_viewer(nodes, stream)
        finally:
            publisher.terminate()
            publisher.wait(30)
        edge = f"/api/v1/nodes/{nodes['edge']}"
        self.checked("GET /api/v1/nodes/{id}", edge, 200)
        self.checked("POST /api/v1/nodes/{id}/drain", edge + "/drain?dryRun=true", 200)
        self.checked("POST /api/v1/nodes/{id}/drain", edge + "/drain?deadlineSeconds=600", 200)
        self.checked("POST /api/v1/nodes/{id}/undrain", edge + "/undrain", 200)
        self.checked("POST /api/v1/nodes/{id}/stop", edge + "/stop?mode=cut-sessions", 200)

    def use_recordings(self):
        """What use_nodes() published, and a store that could have taken it."""
        def complete():
            kept = self.server.call("get", "/api/v1/recordings?nodeGroup=main")[2]["recordings"]
            return kept if kept and all(each["isComplete"] for each in kept) else None

        recording = self.server.wait_for(complete)[0]
        self.assertEqual(recording["stream"], "live/show1")
        self.assertGreater(recording["bytes"], 1000)
        path, address = "/api/v1/recordings/{key}", f"/api/v1/recordings/main%2F{recording['id']}"
        self.checked("GET /api/v1/recordings", "/api/v1/recordings?stream=show1&limit=1", 200)
        self.checked("GET /api/v1/recordings", "/api/v1/recordings?limit=0", 400)

        def deleted():
            try:
                return self.checked(f"DELETE {path}", address, 200)
            except AssertionError as error:  # the node may hold it for a moment
                if ": 503," not in str(error):
                    raise
                return None

        self.server.wait_for(deleted)
        self.checked(f"DELETE {path}", address, 404)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        store = subprocess.Popen(["/usr/bin/python3", f"{SOURCES}/tests/support/s3_server.py", str(port), "bucket"],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                 env={**os.environ, "PYTHONPATH": f"{SOURCES}/build/tools/python"})
        try:
            keys = json.loads(next(line for line in store.stdout if line.startswith("{")))
            settings = {"endpoint": f"http://127.0.0.1:{port}", "bucket": "bucket", **keys}
            path, address = "/api/v1/node-groups/{name}/store-test", "/api/v1/node-groups/main/store-test"
            self.checked(f"POST {path}", address, 200, settings)
            self.checked(f"POST {path}", address, 403, {**settings, "secretKey": "another"})
            self.checked(f"POST {path}", address, 404, {**settings, "bucket": "another"})
        finally:
            store.kill()
            store.wait(30)

    def use_accounts(self):
        user = {"name": "carl", "password": PASSWORD, "role": "operator", "deployments": ["d"]}
        self.checked("POST /api/v1/users", "/api/v1/users", 201, user)
        self.checked("POST /api/v1/users", "/api/v1/users", 409, user)
        self.checked("GET /api/v1/users", "/api/v1/users?role=operator", 200)
        _, fields, _ = self.checked("GET /api/v1/users/{name}", "/api/v1/users/carl", 200)
        self.checked("PUT /api/v1/users/{name}", "/api/v1/users/carl", 200, {"role": "viewer"}, {"If-Match": fields["ETag"]})
        self.checked("PUT /api/v1/users/{name}", "/api/v1/users/carl", 412, {"role": "viewer"}, {"If-Match": '"99999"'})
        self.checked("PATCH /api/v1/users/{name}", "/api/v1/users/carl", 200, {"role": "operator"})
        self.checked("PATCH /api/v1/users/{name}", "/api/v1/users/carl", 412, {"role": "viewer"}, {"If-Match": '"99999"'})
        self.checked("PUT /api/v1/users/{name}/password", "/api/v1/users/carl/password", 200, {"password": PASSWORD})
        for verb, again in (("disable", 409), ("enable", 409)):
            path = "/api/v1/users/{name}/" + verb
            self.checked(f"POST {path}", f"/api/v1/users/carl/{verb}", 200)
            self.checked(f"POST {path}", f"/api/v1/users/carl/{verb}", again)
        self.checked("DELETE /api/v1/users/{name}", "/api/v1/users/carl", 200)
        self.checked("GET /api/v1/profile", "/api/v1/profile", 200)
        change = {"oldPassword": PASSWORD, "password": PASSWORD}
        self.checked("PUT /api/v1/profile/password", "/api/v1/profile/password", 403, {**change, "oldPassword": "no"})
        self.checked("PUT /api/v1/profile/password", "/api/v1/profile/password", 200, change)
        token, once = {"name": "ci", "role": "viewer"}, {"Idempotency-Key": "token"}
        self.checked("POST /api/v1/tokens", "/api/v1/tokens?dryRun=true", 200, token)
        made = self.checked("POST /api/v1/tokens", "/api/v1/tokens", 201, token, once)[2]
        self.checked("POST /api/v1/tokens", "/api/v1/tokens", 409, token, once)
        self.checked("GET /api/v1/tokens", "/api/v1/tokens", 200)
        self.checked("DELETE /api/v1/tokens/{id}", "/api/v1/tokens/" + made["id"], 200)
        login = {"username": "admin", "password": PASSWORD}
        session = self.checked("POST /api/v1/sessions", "/api/v1/sessions", 201, login, as_nobody=True)[2]
        renewal = {"refreshToken": session["refreshToken"]}
        self.checked("POST /api/v1/sessions/renew", "/api/v1/sessions/renew", 200, renewal, as_nobody=True)
        sessions = self.checked("GET /api/v1/sessions", "/api/v1/sessions", 200)[2]["sessions"]
        other = next(each["id"] for each in sessions if not each["isThis"])
        self.checked("DELETE /api/v1/sessions/{id}", "/api/v1/sessions/" + other, 200)
        self.checked("GET /api/v1/audit/verification", "/api/v1/audit/verification", 200)
        self.checked("POST /api/v1/token-keys/rotate", "/api/v1/token-keys/rotate", 200)

    def disconnect_a_viewer(self, nodes, stream):
        viewer = subprocess.Popen(
            [f"{self.server.programs}/headgatectl", "probe", "--seconds", "60", self.play_address(nodes["edge"])],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            at_edge = f"{stream}&node={nodes['edge']}"
            details = self.server.wait_for(lambda: self.with_viewer(f"/api/v1/streams/details?{at_edge}"))
            number = details["viewers"][0]["id"]
            self.checked("GET /api/v1/streams/details", f"/api/v1/streams/details?{at_edge}", 200)
            self.checked("POST /api/v1/streams/disconnect",
                         f"/api/v1/streams/disconnect?node={nodes['edge']}&stream=live/show1&viewer={number}", 200)
        finally:
            viewer.terminate()
            viewer.wait(30)

    def play_address(self, node):
        endpoints = self.server.call("get", f"/api/v1/nodes/{node}")[2]["node"]["endpoints"]
        return f"http://{endpoints['address']}:{endpoints['httpPort']}/live/show1.flv"

    def with_viewer(self, target):
        status, _, details = self.server.call("get", target)
        return details if status == 200 and details["viewers"] else None

    def remove_all(self):
        for power in ("start", "restart", "stop"):
            path = "/api/v1/deployments/{name}/" + power
            self.checked(f"POST {path}", path.replace("{name}", "d"), 200)
        for path, address, _ in self.objects():
            once = {"Idempotency-Key": "delete" + address}
            self.checked(f"DELETE {path}", address + "?dryRun=true", 200)
            first = self.checked(f"DELETE {path}", address, 200, headers=once)[2]
            self.checked(f"DELETE {path}", address, 404)
            self.assertEqual(self.checked(f"DELETE {path}", address, 200, headers=once)[2], first)
            self.checked(f"DELETE {path}", address + "-none", 422, headers=once)

    def test_3_every_write_takes_a_key_and_a_dry_run(self):
        without = {str(each) for each in self.operations.values() if each.method != "get"
                   and not {"Idempotency-Key", "dryRun"} <= {parameter["name"] for parameter in each.parameters}}
        reading = {"POST /api/v1/preview", "POST /api/v1/node-groups/{name}/store-test"}
        told = {"POST /api/v1/setup", "POST /api/v1/sessions", "POST /api/v1/sessions/renew",
                "PUT /api/v1/profile/password", "DELETE /api/v1/recordings/{key}"}  # in the description of the document
        self.assertEqual(without, reading | told)

    def test_2_drawn_requests_find_no_failure(self):
        for path, body in NEW.items():
            self.server.call("post", path, body, {"Content-Type": "application/json"})
        for path, (name, body) in PUT.items():
            self.server.call("put", path.replace("{name}", name), body, {"Content-Type": "application/json"})
        maker = RequestMaker(self.document, random.Random(SEED), ["main", "second", "s", "o", "e", "l", "c", "d", "i", "home"])
        failures = {}
        statuses = {}
        for name, operation in self.operations.items():
            # What is drawn might be a store somewhere.
            if name in ("GET /api/v1/events", "POST /api/v1/setup", "POST /api/v1/node-groups/{name}/store-test"):
                continue
            for _ in range(DRAWN):
                status, complaint = self.drawn(operation, maker)
                statuses[status] = statuses.get(status, 0) + 1
                if complaint:
                    failures.setdefault((name, status), complaint)
        print("drawn requests by status:", dict(sorted(statuses.items())), file=sys.stderr)
        self.assertFalse(failures, "\n".join(failures.values()))
        self.assertGreater(statuses.get(200, 0), len(self.operations))

    def drawn(self, operation, maker):
        target = maker.target(operation)
        if operation.is_write() and operation.path.split("/")[3] in DRY:
            path, _, query = target.partition("?")
            target = f"{path}?dryRun=true&{query}"  # the first one counts
        media_type, body = maker.body(operation)
        headers = maker.headers(operation)
        if media_type:
            headers["Content-Type"] = media_type
        status, fields, answer = self.server.call(operation.method, target, body, headers)
        complaint = self.document.complaint(operation, status, fields.get("Content-Type", "").split(";")[0],
                                            answer if answer != b"" else None)
        if status == 500 or complaint:
            return status, f"{complaint or answer}\n  {operation.method} {target} {headers} {str(body)[:500]}"
        return status, None


if __name__ == "__main__":
    unittest.main(verbosity=2)
