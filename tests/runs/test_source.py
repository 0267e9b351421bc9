"""Networks of a repository of the Hub, against a local server: what is downloaded, what serves in its place, and faults of every kind."""

import shutil
from dataclasses import replace

import pyarrow.parquet
import pytest
from huggingface_hub import constants

from explorer.runs import results, source
from explorer.study import markdown
from explorer.web import environment
from tests.hub import TOKEN
from train import checkpoint, index, repository
from train.hub import HubError
from train.study import Trial

# huggingface_hub passes open files to its HTTP client in a deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REPO = "owner/name"
ADDRESS = f"hf://{REPO}"


@pytest.fixture
def pushed(hub, networks, local):
    """The Hub with a repository of the networks."""
    repository.push(networks, local, REPO, TOKEN)
    hub.requests.clear()
    return hub


@pytest.fixture
def open_(tmp_path, networks):
    """Function that opens an address; the committed folder has one other network."""
    committed = tmp_path / "committed"
    committed.mkdir()
    trial = Trial("LN", 0.0, 0.0, 16)
    state = networks[0].state
    checkpoint.save(replace(networks[0], trial=trial, state=state), committed)
    return lambda address=ADDRESS: source.load(address, committed)


def names(loaded: results.Results) -> list[str]:
    return [network.name for network in loaded.checkpoints]


GN = [f"GN_l1=0_l2=0_batch=16_seed={seed}" for seed in (1, 2, 3)]
LN = ["LN_l1=0_l2=0_batch=16_seed=1"]


def without_network(monkeypatch):
    dead = "http://127.0.0.1:9"
    monkeypatch.setattr(constants, "ENDPOINT", dead)
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE
    path = template[template.index("/{") :]
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", dead + path)


def downloads(hub) -> int:
    return hub.count("GET", ".safetensors")


def test_a_folder_is_read_as_before(local):
    assert vars(source.load(local)) | {"checkpoints": 0} == vars(
        results.load(local)
    ) | {"checkpoints": 0}


def test_networks_arrive_byte_for_byte_and_once(pushed, open_, local):
    loaded = open_()
    assert names(loaded) == GN and not loaded.problems
    assert (
        loaded.origin
        == f"The networks are those of {ADDRESS}, revision {pushed.sha(REPO)[:7]}."
    )
    for path in sorted(local.iterdir()):
        (arrived,) = loaded.folder.rglob(path.name)
        assert arrived.read_bytes() == path.read_bytes()
    pushed.requests.clear()
    assert names(open_()) == GN
    assert [method for method, _ in pushed.requests] == ["GET"]  # for the revision


def test_without_a_network_the_cached_revision_serves_else_the_committed_folder(
    pushed, open_, monkeypatch
):
    first = open_().folder
    without_network(monkeypatch)
    loaded = open_()
    assert names(loaded) == GN and loaded.folder == first
    assert "as cached, because nothing could be downloaded" in loaded.origin
    shutil.rmtree(constants.HF_HUB_CACHE)
    loaded = open_()
    assert names(loaded) == LN and not loaded.problems
    assert loaded.origin.startswith("The networks are those of the committed folder")
    assert f"no whole revision of {ADDRESS} is cached" in loaded.origin


def test_the_cache_alone_serves_where_that_is_asked(pushed, open_, monkeypatch):
    open_()
    pushed.requests.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    loaded = open_()
    assert names(loaded) == GN and "as cached" in loaded.origin
    assert not pushed.requests


@pytest.mark.parametrize("part", ["/api/models", index.NAME])
@pytest.mark.parametrize("fault", [429, 500, "late"])
def test_a_hub_that_does_not_answer_is_named(pushed, open_, part, fault, monkeypatch):
    monkeypatch.setattr(source, "SECONDS", 0.2)
    pushed.faults[part] = fault, 99
    loaded = open_()
    assert names(loaded) == LN
    told = "status " if isinstance(fault, int) else "nothing could be downloaded"
    assert told in loaded.origin


@pytest.mark.parametrize("fault", [429, 500, "late", "end", "short"])
@pytest.mark.parametrize("times", [1, 99])
def test_a_fault_of_a_file_is_tried_again_and_what_has_arrived_is_kept(
    pushed, open_, fault, times
):
    pushed.faults[f"{GN[1]}.safetensors"] = fault, times
    loaded = open_()
    assert names(loaded) == (GN if times == 1 else LN)
    pushed.faults.clear()
    pushed.requests.clear()
    assert names(open_()) == GN
    assert downloads(pushed) == (0 if times == 1 else pushed.count("GET", GN[1]))


def test_a_file_that_ends_early_goes_on_where_it_ended(pushed, open_, monkeypatch):
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    pushed.faults[f"{GN[1]}.safetensors"] = "short", 1
    assert names(open_()) == GN
    assert pushed.count("GET", GN[1]) == 2
    assert len(pushed.ranges) == 1


def test_a_file_with_a_wrong_hash_is_downloaded_again_and_then_skipped(pushed, open_):
    pushed.faults[f"{GN[1]}.safetensors"] = "wrong", 1
    assert names(open_()) == GN
    shutil.rmtree(constants.HF_HUB_CACHE)
    pushed.faults[f"{GN[1]}.safetensors"] = "wrong", 99
    loaded = open_()
    assert names(loaded) == [GN[0], GN[2]]
    (problem,) = loaded.problems
    assert GN[1] in problem and "SHA-256" in problem
    pushed.faults.clear()
    assert names(open_()) == GN


def test_a_damaged_file_of_the_cache_is_mended(pushed, open_, monkeypatch):
    (path,) = open_().folder.rglob(f"{GN[0]}.*")
    path.resolve().write_bytes(path.read_bytes()[:-1])
    assert names(open_()) == GN
    path.resolve().write_bytes(path.read_bytes()[:-1])
    without_network(monkeypatch)
    assert names(open_()) == LN


def test_a_file_that_the_repository_lacks_is_named(pushed, open_):
    files = pushed.commits[REPO][-1]
    files.pop(next(path for path in files if GN[2] in path))
    loaded = open_()
    assert names(loaded) == GN[:2]
    assert "not in the repository" in loaded.problems[0]


def test_a_file_that_is_listed_and_not_there_is_named_and_the_others_arrive(
    pushed, open_
):
    pushed.faults[f"{GN[0]}.safetensors"] = 404, 99
    loaded = open_()
    assert names(loaded) == GN[1:]
    assert "not in the repository" in loaded.problems[0]
    pushed.faults.clear()
    assert names(open_()) == GN


def test_a_new_revision_serves_when_it_is_whole(
    pushed, open_, networks, local, invent, monkeypatch
):
    old = open_().folder
    added = invent(Trial("GN", 0.0, 0.0, 16, seed=4), range(50))
    checkpoint.save(added, local)
    repository.push([*networks, added], local, REPO, TOKEN)
    pushed.faults[f"{added.name}.safetensors"] = 500, 99
    loaded = open_()
    assert names(loaded) == GN and loaded.folder == old
    assert "as cached, because the Hub answers with status 500" in loaded.origin
    pushed.faults.clear()
    pushed.requests.clear()
    assert names(open_()) == [*GN, added.name]
    assert downloads(pushed) == 1
    without_network(monkeypatch)
    assert names(open_()) == [*GN, added.name]


def test_a_named_revision_stays_what_it_is(pushed, open_, networks, local, monkeypatch):
    whole = pushed.sha(REPO)
    pushed.tags[REPO, "v1"] = len(pushed.commits[REPO])
    repository.push(networks[:1], local, REPO, TOKEN)
    assert names(open_()) == GN[:1]
    assert names(open_(f"{ADDRESS}@v1")) == names(open_(f"{ADDRESS}@{whole}")) == GN
    without_network(monkeypatch)
    assert names(open_(f"{ADDRESS}@v1")) == names(open_(f"{ADDRESS}@{whole}")) == GN
    assert names(open_()) == GN[:1]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hf://owner/another", "no such repository"),
        (f"{ADDRESS}@v2", "no such revision"),
        ("hf://owner/a--b", "--"),
    ],
)
def test_an_address_that_means_nothing_gets_a_sentence(pushed, open_, address, reason):
    with pytest.raises(HubError, match=reason) as error:
        open_(address)
    assert str(error.value).startswith(f"{address}: ") and "\n" not in str(error.value)


def test_a_cache_that_cannot_be_written_is_named(pushed, open_, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file"))
    loaded = open_()
    assert names(loaded) == LN and "Not a directory" in loaded.origin


def test_a_repository_that_is_gone_serves_from_the_cache(pushed, open_):
    open_()
    pushed.repos.clear()
    loaded = open_()
    assert names(loaded) == GN and "no such repository" in loaded.origin


def test_a_repository_without_an_index_or_with_a_foreign_one_gets_a_sentence(
    pushed, open_
):
    files = pushed.commits[REPO][-1]
    files.pop(index.NAME)
    with pytest.raises(HubError, match=r"has no index\.parquet"):
        open_()
    files[index.NAME] = b"something else"
    with pytest.raises(HubError, match="no index of this project"):
        open_()


def test_an_index_that_leads_elsewhere_is_refused(pushed, open_, tmp_path):
    files = pushed.commits[REPO][-1]
    path = tmp_path / "index"
    path.write_bytes(pushed.content(files[index.NAME]))
    rows = pyarrow.parquet.read_table(path).to_pylist()
    rows[0]["path"] = "../../secret.safetensors"
    files[index.NAME] = index.write(rows, tmp_path).read_bytes()
    with pytest.raises(HubError, match="leads out of its folder"):
        open_()


@pytest.mark.parametrize(
    "text",
    ["hf:owner/name", "hf://name", "hf://a/b/c", "hf://a/b@", "hf://a/b@v..1", "https://huggingface.co/a/b", "HF://a/b"],
)  # fmt: skip
def test_a_mistyped_address_ends_the_start(text):
    with pytest.raises(SystemExit, match=r"CHECKPOINTS must be .* got"):
        environment.checkpoints({"CHECKPOINTS": text}, "usual")


@pytest.mark.parametrize("text", ["mine", "/a/b", "hf/mine", "hf://a/b", "hf://a/b@v1.0", "hf://a-1/b.c@refs/pr/1"])  # fmt: skip
def test_folders_and_addresses_are_taken(text):
    assert environment.checkpoints({"CHECKPOINTS": text}, "usual") == text
    assert environment.checkpoints({}, "usual") == "usual"


def test_the_page_says_where_the_networks_come_from(local):
    import app  # imported here: Gradio takes seconds

    blocks = app.build(replace(results.load(local), origin="Those of *another*."))
    texts = [str(getattr(block, "value", "")) for block in blocks.blocks.values()]
    assert markdown.literal("Those of *another*.") in texts
