"""Upload of a folder to a Space, against a local server with the Hub's routes."""

import hashlib

import pytest
from huggingface_hub import constants

from space import upload
from tests.hub import TOKEN, Hub
from train.hub import HubError, credentials

# huggingface_hub passes open files to its HTTP client in a deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SPACE = "owner/name"


@pytest.fixture
def folder(tmp_path):
    """A folder with text and binary files."""
    folder = tmp_path / "folder"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / ".gitattributes").write_text("*.safetensors filter=lfs -text\n")
    (folder / "README.md").write_text("# Is it?\n")
    for seed in range(8):
        path = folder / f"checkpoints/seed={seed}.safetensors"
        path.write_bytes(bytes([seed, 0]) * 5000)
    return folder


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def uploaded(hub: Hub) -> dict[str, bytes]:
    """Files of the Space, those of LFS with their contents."""
    return {
        path: content if isinstance(content, bytes) else hub.objects[content]
        for path, content in hub.repos[SPACE].items()
    }


def contents(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_is_uploaded_byte_for_byte(hub, folder):
    address = upload.push(folder, SPACE, credentials(SPACE))
    assert address == f"{hub.address}/spaces/{SPACE}"
    assert uploaded(hub) == contents(folder)
    assert len(hub.objects) == 8
    assert all(sha256(content) == oid for oid, content in hub.objects.items())


def test_an_interrupted_upload_resumes(hub, folder):
    hub.ends = "PUT", "/lfs/", 3
    with pytest.raises(HubError, match="what has arrived is not sent again"):
        upload.push(folder, SPACE, TOKEN)
    first = set(hub.objects)
    assert 0 < len(first) < 8 and not hub.repos[SPACE]
    hub.ends, hub.requests[:] = None, []
    upload.push(folder, SPACE, TOKEN)
    assert uploaded(hub) == contents(folder)
    assert hub.count("PUT", "/lfs/") == 8 - len(first)


def test_unchanged_files_are_not_sent_again(hub, folder):
    upload.push(folder, SPACE, TOKEN)
    hub.requests.clear()
    (folder / "README.md").write_text("# It is.\n")
    upload.push(folder, SPACE, TOKEN)
    assert uploaded(hub) == contents(folder)
    assert hub.count("PUT", "/lfs/") == 0


def test_xet_takes_several_commits_and_resumes(hub, folder, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    for number in range(300):
        (folder / f"{number}.txt").write_text(f"number {number}\n")
    hub.ends = "POST", "/commit/", 1
    with pytest.raises(HubError, match="what has arrived is not sent again"):
        upload.push(folder, SPACE, TOKEN)
    first = len(hub.repos[SPACE])
    assert 0 < first < 310
    hub.ends = None
    upload.push(folder, SPACE, TOKEN)
    expected = contents(folder)
    for path, content in hub.repos[SPACE].items():
        whole = expected.pop(path)
        assert content == (sha256(whole) if path.startswith("checkpoints") else whole)
    assert not expected
    assert not hub.objects  # the binary files are in Xet's storage
    assert sum(path.stat().st_size for path in hub.cas.rglob("*")) > 10_000


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "does not accept the token"),
        (402, "paid plan"),
        (403, "may not write to owner/name"),
        (404, "knows no owner"),
        (418, "refused owner/name"),
    ],
)
def test_a_refusal_gets_a_sentence(hub, folder, status, message):
    hub.refusal = status
    with pytest.raises(HubError, match=message) as raised:
        upload.push(folder, SPACE, TOKEN)
    assert "\n" not in str(raised.value)


def test_a_token_refused_by_the_server_gets_a_sentence(hub, folder):
    with pytest.raises(HubError, match="does not accept the token"):
        upload.push(folder, SPACE, "another")
    assert not hub.repos


def test_without_a_token_the_sentence_says_how_to_get_one(hub, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="set HF_TOKEN"):
        credentials(SPACE)


def test_the_token_of_a_login_is_used(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "no-login").write_text("of-the-login")
    assert credentials(SPACE) == "of-the-login"


@pytest.mark.parametrize("repo", ["name", "a/b/c", "https://a/b", "/b", "a/"])
def test_a_space_is_named_by_owner_and_name(hub, repo):
    with pytest.raises(HubError, match="owner/name"):
        credentials(repo)


def test_without_a_server_the_sentence_says_so(hub, folder, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match="cannot be reached"):
        upload.push(folder, SPACE, TOKEN)
