"""Repository of a study on the Hub, against a local server: what it holds, what is sent again, and the command."""

from hashlib import sha256

import numpy as np
import pytest
import yaml
from huggingface_hub import RepoCard, constants

from explorer.study.statistics import mean_interval
from tests.hub import TOKEN
from train import card, checkpoint, index, repository, show
from train.all import main
from train.hub import HubError
from train.study import Trial

# huggingface_hub passes open files to its HTTP client in a deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REPO = "owner/name"
CONFIG = "GN_l1=0_l2=0_batch=16"


def test_a_repository_has_the_files_by_configuration_an_index_a_card_and_a_citation(
    hub, networks, local, tmp_path
):
    address = repository.push(networks, local, REPO, TOKEN)
    assert address == f"{hub.address}/{REPO}"
    files = {path: hub.content(file) for path, file in hub.repos[REPO].items()}
    names = {f"{CONFIG}/{path.name}": path for path in local.iterdir()}
    assert set(files) == {*names, "index.parquet", "README.md", "CITATION.cff"}
    for name, path in names.items():
        assert files[name] == path.read_bytes()
    assert files["CITATION.cff"] == card.CITATION.read_bytes()
    (tmp_path / "index").write_bytes(files["index.parquet"])
    rows = index.read(tmp_path / "index").to_pylist()
    assert [row["path"] for row in rows] == sorted(names)
    # The index arrives after what it describes.
    first, last = hub.commits[REPO]
    assert set(first) == set(names) and set(last) == set(files)


def test_xet_takes_the_networks_before_the_index(hub, networks, local, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    repository.push(networks, local, REPO, TOKEN)
    *_, before, last = hub.commits[REPO]
    assert len(before) == 3 and len(last) == 6 and not hub.objects
    for path in local.iterdir():
        assert last[f"{CONFIG}/{path.name}"] == sha256(path.read_bytes()).hexdigest()
    repository.push(networks, local, REPO, TOKEN)
    assert hub.commits[REPO][-1] is last


def test_only_what_is_missing_or_changed_is_sent(hub, networks, local, invent):
    repository.push(networks[:2], local, REPO, TOKEN)
    hub.requests.clear()
    repository.push(networks[:2], local, REPO, TOKEN)
    assert hub.count("PUT", "/lfs/") == 0 and len(hub.commits[REPO]) == 2
    repository.push(networks, local, REPO, TOKEN)
    assert hub.count("PUT", "/lfs/") == 2  # a network, and the index
    hub.requests.clear()
    changed = invent(networks[0].trial, range(90))
    checkpoint.save(changed, local)
    repository.push([changed, *networks[1:]], local, REPO, TOKEN)
    assert hub.count("PUT", "/lfs/") == 2


def test_an_interrupted_upload_goes_on(hub, networks, local):
    hub.ends = "PUT", "/lfs/", 1
    with pytest.raises(HubError, match="what has arrived is not sent again"):
        repository.push(networks, local, REPO, TOKEN)
    arrived = len(hub.objects)
    assert arrived < 3 and not hub.commits[REPO]
    hub.ends, hub.requests[:] = None, []
    repository.push(networks, local, REPO, TOKEN)
    assert hub.count("PUT", "/lfs/") == 4 - arrived
    assert len(hub.repos[REPO]) == 6


def test_the_card_has_numbers_in_its_model_index_and_intervals_in_its_text(
    networks, invent, local, tmp_path
):
    rest = [
        invent(Trial("BN", 0.0, 0.0, 16), range(70)),
        invent(Trial("LN", 0.5, 0.5, 999), range(9000)),
    ]
    for network in rest:
        checkpoint.save(network, local)
    folder = tmp_path / "prepared"
    folder.mkdir()
    repository.prepare([*networks, *rest], local, folder, REPO)
    text = (folder / "README.md").read_text("utf-8")
    data = RepoCard(text).data.to_dict()
    assert data["license"] == "mit"
    (model,) = yaml.safe_load(text.split("---")[1])["model-index"]
    assert model["name"] == "name"
    (result,) = model["results"]
    figures = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert figures == {
        f"{CONFIG}: mean of 3 seeds after the last epoch, none selected": 0.9958,
        "BN_l1=0_l2=0_batch=16: mean of 1 seed after the last epoch, none selected": 0.993,
        "LN_l1=0.5_l2=0.5_batch=999: mean of 1 seed after the last epoch, none selected": 0.1,
    }
    assert f"| `{CONFIG}` | as-run, grid | 3 | 99.580 | 99.555 to 99.605 |" in text
    assert "| `LN_l1=0.5_l2=0.5_batch=999` | none | 1 | 10.000 | - |" in text
    assert "diverged" not in text


def test_networks_that_diverged_are_counted_and_left_out(networks):
    rows = [index.row(one, checkpoint.to_bytes(one), one.name) for one in networks]
    rows[0] |= {"diverged": 2, "last_acc": 0.1}
    text = card.write(rows, REPO, index.NAME)
    assert "1 that diverged is left out" in text and "| 2 | 99.575 |" in text
    text = card.write([row | {"diverged": 2} for row in rows], REPO, index.NAME)
    assert "| 0 | - | - |" in text and "model-index" not in text


@pytest.mark.parametrize("values", [[0.99, 0.991, 0.993], [0.99, 0.99], [0.99]])
def test_the_interval_is_the_studys(values):
    expected = mean_interval(100 * np.array(values))
    low, high = card.interval(np.array(values))
    np.testing.assert_allclose(
        [100 * low, 100 * high], [expected.low, expected.high], rtol=1e-12
    )


def test_the_command_uploads_what_exists(hub, local, monkeypatch):
    said = []
    monkeypatch.setattr(show, "lines", said.extend)
    chosen = ["--study", "grid", "--only", f"{CONFIG}_", "--out", str(local)]
    assert main([*chosen, "--push", REPO]) == 0
    assert said == ["3 exist, 7 missing", f"uploaded to {hub.address}/{REPO}"]
    assert len(hub.repos[REPO]) == 6


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--push", "name"], "owner/name"),
        (["--push", REPO], "none of these networks"),
        (["--push", REPO, "--list"], "not allowed with"),
    ],
)
def test_a_bad_push_ends_with_2_and_one_line(arguments, word, hub, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--only", "row1", "--out", str(tmp_path)])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert word in error and error.count("\n") == 1


def test_a_refused_push_ends_with_1_and_a_sentence(hub, local, capsys):
    hub.refusal = 403
    chosen = ["--study", "grid", "--only", f"{CONFIG}_", "--out", str(local)]
    assert main([*chosen, "--push", REPO]) == 1
    assert "may not write to owner/name" in capsys.readouterr().err
