"""Local server with the Hub's routes for uploading a folder, by LFS's basic transfer and by Xet."""

import base64
import hashlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub(ThreadingHTTPServer):
    """Hub with one token; `spaces` has the files by Space, and `cas` is the folder of the Xet storage."""

    daemon_threads = True

    def __init__(self, token: str, cas):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.token, self.cas = token, cas
        self.spaces: dict[str, dict[str, bytes | str]] = {}
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.refusal = None  # HTTP status of all responses
        self.ends = None  # (method, part of a path, number of responses before connections break)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def handle_error(self, request, client_address):
        pass  # clients whose connection was broken

    def count(self, method: str, part: str) -> int:
        return sum(m == method and part in path for m, path in self.requests)

    def oid(self, space: str, path: str) -> str | None:
        content = self.spaces[space].get(path)
        if isinstance(content, bytes):
            return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        return content


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_):
        pass

    def respond(self):  # noqa: C901 - one line a route
        hub, parts = self.server, self.path.split("?")[0].strip("/").split("/")
        hub.requests.append((self.command, self.path))
        if hub.ends and self.command == hub.ends[0] and hub.ends[1] in self.path:
            if hub.count(*hub.ends[:2]) > hub.ends[2]:
                self.rfile.read(10)
                self.close_connection = True
                return self.connection.shutdown(socket.SHUT_RDWR)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self.chunks()
        if hub.refusal:
            return self.answer({"error": "refused"}, hub.refusal)
        if parts[0] == "lfs":
            hub.objects[parts[1]] = body
            return self.answer({})
        if self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self.answer({"error": "Invalid credentials"}, 401)
        if parts[:3] == ["api", "repos", "create"]:
            return self.create(json.loads(body))
        if parts == ["api", "validate-yaml"]:
            return self.answer({"errors": [], "warnings": []})
        if parts[-1] == "batch":
            return self.batch(json.loads(body))
        if parts[:2] == ["api", "spaces"] and "/".join(parts[2:4]) in hub.spaces:
            space, route = "/".join(parts[2:4]), parts[4] if parts[4:] else "info"
            return getattr(self, route.replace("-", "_"))(space, body)
        self.answer({"error": "not found"}, 404)

    do_GET = do_POST = do_PUT = respond

    def answer(self, content: dict, status: int = 200):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunks(self) -> bytes:
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def create(self, fields: dict):
        assert fields["type"] == "space" and fields["sdk"] == "gradio", fields
        space = f"{fields['organization']}/{fields['name']}"
        status = 409 if space in self.server.spaces else 200
        self.server.spaces.setdefault(space, {})
        self.answer({"url": f"{self.server.address}/spaces/{space}"}, status)

    def info(self, space: str, _: bytes):
        self.answer({"id": space, "sha": "0" * 40})

    def preupload(self, space: str, body: bytes):
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if is_binary(file["sample"]) else "regular",
                "shouldIgnore": False,
                "oid": self.server.oid(space, file["path"]),
            }
            for file in json.loads(body)["files"]
        ]
        self.answer({"files": files})

    def batch(self, request: dict):
        objects = []
        for entry in request["objects"]:
            upload = {"upload": {"href": f"{self.server.address}/lfs/{entry['oid']}"}}
            exists = entry["oid"] in self.server.objects
            objects.append(entry if exists else {**entry, "actions": upload})
        self.answer({"transfer": "basic", "objects": objects})

    def xet_write_token(self, *_):
        expires = int(time.time()) + 3600
        token = {"casUrl": f"local://{self.server.cas}", "exp": expires}
        self.answer({**token, "accessToken": "local"})

    def commit(self, space: str, body: bytes):
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                content = base64.b64decode(value["content"])
                self.server.spaces[space][value["path"]] = content
            elif line["key"] == "lfsFile":
                self.server.spaces[space][value["path"]] = value["oid"]
        url = f"{self.server.address}/spaces/{space}/commit/{'0' * 40}"
        self.answer({"success": True, "commitOid": "0" * 40, "commitUrl": url})


def is_binary(sample: str) -> bool:
    return b"\0" in base64.b64decode(sample)
