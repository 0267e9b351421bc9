"""Local server with the Hub's routes for uploading a folder, by LFS's basic transfer and by Xet, and for downloading it, and with faults."""

import base64
import hashlib
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

TOKEN = "a-token"


class Hub(ThreadingHTTPServer):
    """Hub with one token, which whoever reads may leave out; `repos` has the files by repository, and `cas` is the folder of the Xet storage.

    `faults` has what happens to downloads, by a part of their path: a status of HTTP, or "late" (no answer until `late` is set), "end" (the connection ends
    without one), "short" (half of the file, then the end) or "wrong" (other bytes), and how many times.
    """

    daemon_threads = True

    def __init__(self, cas, token: str = TOKEN):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.token, self.cas = token, cas
        self.repos: dict[str, dict[str, bytes | str]] = {}
        self.commits: dict[str, list[dict[str, bytes | str]]] = {}  # by repository
        self.tags: dict[
            tuple[str, str], int
        ] = {}  # a commit's number, by repository and name
        self.faults: dict[str, tuple[int | str, int]] = {}
        self.late = threading.Event()
        self.ranges: list[int] = []  # positions where downloads went on
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.jobs: list[dict] = []  # as they were submitted
        self.conflicts = 0  # commits that are refused, as another came first
        self.refusal = None  # HTTP status of all responses
        self.ends = None  # (method, part of a path, number of responses before connections break)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def handle_error(self, request, client_address):
        pass  # clients whose connection was broken

    def count(self, method: str, part: str) -> int:
        return sum(m == method and part in path for m, path in self.requests)

    def oid(self, repo: str, path: str) -> str | None:
        return oid(self.repos[repo].get(path))

    def sha(self, repo: str) -> str:
        """Name of the last commit."""
        return f"{len(self.commits[repo]):040x}"

    def revision(self, repo: str, name: str) -> tuple[str, dict] | None:
        """Name and files of the commit that a name means."""
        commits = self.commits[repo]
        number = len(commits) if name == "main" else self.tags.get((repo, name))
        if number is None and re.fullmatch("[0-9a-f]{40}", name):
            number = int(name, 16)
        known = number is not None and 1 <= number <= len(commits)
        return (f"{number:040x}", commits[number - 1]) if known else None

    def content(self, stored: bytes | str) -> bytes:
        return stored if isinstance(stored, bytes) else self.objects[stored]

    def fault(self, method: str, path: str) -> int | str | None:
        """The fault of a download, which then has one turn less."""
        for part, (kind, times) in self.faults.items():
            if method == "HEAD" and kind in ("short", "wrong"):
                continue
            if part in unquote(path) and times:
                self.faults[part] = kind, times - 1
                return kind
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_):
        pass

    def respond(self):  # noqa: C901 - one line a route
        hub, parts = self.server, self.path.split("?")[0].strip("/").split("/")
        hub.requests.append((self.command, unquote(self.path)))
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
        given = self.headers.get("Authorization")
        if self.command in ("POST", "PUT") and given != f"Bearer {hub.token}":
            return self.answer({"error": "Invalid credentials"}, 401)
        if parts[:2] == ["api", "jobs"]:
            return self.hardware() if parts[2] == "hardware" else self.job(body)
        if parts[:3] == ["api", "repos", "create"]:
            return self.create(json.loads(body))
        if parts == ["api", "validate-yaml"]:
            return self.answer({"errors": [], "warnings": []})
        if parts[-1] == "batch":
            return self.batch(json.loads(body))
        if parts[:2] in (["api", "spaces"], ["api", "models"]):
            if (repo := "/".join(parts[2:4])) not in hub.repos:
                return self.absent("RepoNotFound")
            route, rest = parts[4] if parts[4:] else "revision", parts[5:]
            if route in ("revision", "tree"):
                return getattr(self, route)(repo, unquote("/".join(rest) or "main"))
            return getattr(self, route.replace("-", "_"))(repo, body)
        if parts[2:3] == ["resolve"] and "/".join(parts[:2]) in hub.repos:
            return self.resolve("/".join(parts[:2]), *map(unquote, parts[3:]))
        self.absent("RepoNotFound")

    do_GET = do_HEAD = do_POST = do_PUT = respond

    def absent(self, code: str):
        self.answer({"error": "not found"}, 404, {"X-Error-Code": code})

    def answer(self, content: dict | list, status: int = 200, headers=()):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunks(self) -> bytes:
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def create(self, fields: dict):
        kind = fields.get("type", "model")
        assert kind == "model" or fields["sdk"] == "gradio", fields
        repo = f"{fields['organization']}/{fields['name']}"
        status = 409 if repo in self.server.repos else 200
        self.server.repos.setdefault(repo, {})
        self.server.commits.setdefault(repo, [])
        prefix = "spaces/" if kind == "space" else ""
        self.answer({"url": f"{self.server.address}/{prefix}{repo}"}, status)

    def revision(self, repo: str, name: str):
        if fault := self.server.fault(self.command, self.path):
            return self.fail(fault)
        if found := self.server.revision(repo, name):
            return self.answer({"id": repo, "sha": found[0]})
        if name == "main":  # of a repository without commits
            return self.answer({"id": repo, "sha": "0" * 40})
        self.absent("RevisionNotFound")

    def tree(self, repo: str, name: str):
        found = self.server.revision(repo, name)
        assert found, name
        files = []
        for path, stored in found[1].items():
            content = self.server.content(stored)
            entry = {"type": "file", "path": path, "size": len(content), "oid": oid(content)}  # fmt: skip
            if isinstance(stored, str):
                entry["lfs"] = {"oid": stored, "size": len(content), "pointerSize": 130}
            files.append(entry)
        self.answer(files)

    def resolve(self, repo: str, name: str, *path: str):
        """A file, from the start or from where an earlier download ended."""
        if fault := self.server.fault(self.command, self.path):
            if fault not in ("short", "wrong"):
                return self.fail(fault)
        if not (found := self.server.revision(repo, name)):
            return self.absent("RevisionNotFound")
        commit, files = found
        if (stored := files.get("/".join(path))) is None:
            return self.absent("EntryNotFound")
        content = self.server.content(stored)
        start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
        body = content[start:]
        if start:
            self.server.ranges.append(start)
        if fault == "wrong":
            body = bytes(255 - byte for byte in body)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            whole = len(content)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.send_header("ETag", f'"{oid(stored)}"')
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault == "short":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        self.wfile.write(body)

    def fail(self, fault: int | str):
        if fault in ("late", "end"):
            if fault == "late":
                self.server.late.wait(10)
            self.close_connection = True
            return
        codes = {"X-Error-Code": "EntryNotFound"} if fault == 404 else {}
        assert isinstance(fault, int), fault
        self.answer({"error": "a fault"}, fault, codes)

    def preupload(self, repo: str, body: bytes):
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if is_binary(file["sample"]) else "regular",
                "shouldIgnore": False,
                "oid": self.server.oid(repo, file["path"]),
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

    def hardware(self):
        price = {"unitCostMicroUSD": 500, "unitCostUSD": 0.0005, "unitLabel": "minute"}
        name = {"name": "cpu-upgrade", "prettyName": "CPU Upgrade"}
        self.answer([{**name, "cpu": "8 vCPU", "ram": "32 GB", **price}])

    def job(self, body: bytes):
        self.server.jobs.append(json.loads(body))
        owner = {"id": "1", "name": "owner", "type": "user"}
        job = {"id": str(len(self.server.jobs)), "status": {"stage": "RUNNING"}}
        self.answer({**job, "owner": owner})

    def commit(self, repo: str, body: bytes):
        if self.server.conflicts:
            self.server.conflicts -= 1
            return self.answer({"error": "A commit has happened since"}, 412)
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                content = base64.b64decode(value["content"])
                self.server.repos[repo][value["path"]] = content
            elif line["key"] == "lfsFile":
                self.server.repos[repo][value["path"]] = value["oid"]
        self.server.commits[repo].append(dict(self.server.repos[repo]))
        sha = self.server.sha(repo)
        url = f"{self.server.address}/{repo}/commit/{sha}"
        self.answer({"success": True, "commitOid": sha, "commitUrl": url})


def oid(stored: bytes | str | None) -> str | None:
    """Git's name of a file, or of its content in LFS."""
    if isinstance(stored, bytes):
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()
    return stored


def is_binary(sample: str) -> bool:
    return b"\0" in base64.b64decode(sample)
