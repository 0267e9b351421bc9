"""Cache folder of compiled kernels: beside the code, else at home, else a temporary folder, else none."""

import errno
import importlib.util
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numba
import pytest

from train.cpu import cache, engine

ROOT = Path(__file__).parents[3]
TWICE = "def twice(x):\n    return 2 * x\n"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders of the code, the home and temporary files; those in `denied` are read-only, for root too."""
    folders = SimpleNamespace(denied=[])
    for name in ("code", "home", "temporary"):
        setattr(folders, name, tmp_path / name)
        (tmp_path / name).mkdir(mode=0o700)
    (folders.code / "kernels.py").write_text(TWICE)
    write = tempfile.TemporaryFile

    def refuse(**options):
        if any(Path(options["dir"]).is_relative_to(path) for path in folders.denied):
            raise OSError(errno.EROFS, "Read-only file system")
        return write(**options)

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)  # Numba uses it, too
    monkeypatch.setattr(tempfile, "tempdir", str(folders.temporary))
    monkeypatch.setenv("HOME", str(folders.home))
    monkeypatch.setattr(cache, "HERE", folders.code)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return folders


def twice(folders):
    """The kernel as in a new process, after one call."""
    folder = cache.choose_folder(cache.build_name("kernels.py"))
    spec = importlib.util.spec_from_file_location("twice", folders.code / "kernels.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kernel = cache.kernels_in(folder)(module.twice)
    assert kernel(3) == 6
    assert numba.config.CACHE_DIR == ""
    return kernel


def compiled(kernel) -> bool:
    """True if a kernel was compiled, not loaded from the cache."""
    return sum(kernel.stats.cache_hits.values()) == 0


def has_kernels(folder: Path) -> bool:
    return any(folder.rglob("*.nbi"))


def test_kernels_are_kept_beside_the_code_by_the_contents_of_their_files(folders):
    assert compiled(twice(folders))
    assert has_kernels(folders.code / "__pycache__")
    assert not compiled(twice(folders))
    (folders.code / "kernels.py").write_text(TWICE + "# changed\n")
    assert compiled(twice(folders))
    assert len(list((folders.code / "__pycache__").glob("kernels-*"))) == 2
    assert not any(folders.home.iterdir()) and not any(folders.temporary.iterdir())


def test_the_folder_that_a_user_names_comes_first(folders, monkeypatch):
    named = folders.code.parent / "named"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(named))
    assert cache.choose_folder("kernels-0") == named


def test_where_the_code_cannot_be_written_kernels_are_kept_at_home(folders):
    folders.denied = [folders.code]
    assert compiled(twice(folders))
    assert has_kernels(folders.home)
    assert not compiled(twice(folders))


def test_where_no_home_can_be_written_kernels_are_kept_in_a_private_folder(folders):
    folders.denied = [folders.code, folders.home]
    assert compiled(twice(folders))
    (private,) = folders.temporary.iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert has_kernels(private)
    assert not compiled(twice(folders))


def test_a_home_that_others_may_write_is_not_used(folders):
    folders.denied = [folders.code]
    folders.home.chmod(0o777)
    twice(folders)
    assert not any(folders.home.iterdir())
    assert has_kernels(folders.temporary)


def test_kernels_compiled_before_the_code_became_read_only_are_not_compiled_again(
    folders,
):
    twice(folders)
    folders.denied = [folders.code, folders.home]
    before = {path: path.stat().st_mtime_ns for path in folders.code.rglob("*")}
    assert not compiled(twice(folders))
    assert {path: path.stat().st_mtime_ns for path in folders.code.rglob("*")} == before
    assert not any(folders.temporary.rglob("*.partial"))


def open_to_others(private: Path, monkeypatch):
    private.mkdir()
    private.chmod(0o777)


def of_somebody_else(private: Path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: int(private.name.split("-")[1]))
    private.mkdir(mode=0o700)


def linked(private: Path, monkeypatch):
    target = private.with_name("target")
    target.mkdir(mode=0o700)
    private.symlink_to(target)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have owners")
@pytest.mark.parametrize("plant", [open_to_others, of_somebody_else, linked])
def test_a_private_folder_in_which_others_may_plant_code_is_not_used(
    plant, folders, monkeypatch
):
    folders.denied = [folders.code, folders.home]
    user = os.getuid() + (plant is of_somebody_else)
    plant(folders.temporary / f"numba-{user}", monkeypatch)
    assert compiled(twice(folders))
    assert compiled(twice(folders))
    assert not has_kernels(folders.temporary)


def test_where_no_folder_can_be_written_kernels_are_compiled_and_not_kept(folders):
    folders.denied = [folders.code, folders.home, folders.temporary]
    assert cache.choose_folder("kernels-0") is None
    assert compiled(twice(folders))


@pytest.fixture
def build(folders, monkeypatch) -> Path:
    """Cache folder beside one of earlier sources and an unrelated folder."""
    folder = cache.choose_folder("kernels-0")
    for name in ("kernels-1/code", "other/code"):
        (folder.parent / name).mkdir(parents=True)
    monkeypatch.setattr(cache, "FOLDER", folder)
    monkeypatch.setattr(cache, "BUILD", "kernels-0")
    return folder


def neighbours(build: Path) -> set[str]:
    return {path.name for path in build.parent.iterdir()}


def test_the_cache_is_whole_once_all_kernels_are_compiled_by_this_numba(
    build, monkeypatch
):
    assert not cache.is_whole()
    cache.mark_whole()
    assert cache.is_whole()
    monkeypatch.setattr(numba, "__version__", "0.0")
    assert not cache.is_whole()


def test_a_build_that_becomes_whole_removes_those_of_earlier_sources(build):
    cache.mark_whole()
    assert neighbours(build) == {"kernels-0", "other"}
    (build.parent / "kernels-2").mkdir()
    cache.mark_whole()  # only a build that has just become whole replaces others
    assert neighbours(build) == {"kernels-0", "kernels-2", "other"}


def test_nothing_is_removed_beside_a_folder_that_a_user_names(build, monkeypatch):
    monkeypatch.setattr(cache, "BUILD", "kernels-3")
    cache.mark_whole()
    assert cache.is_whole()
    assert neighbours(build) == {"kernels-0", "kernels-1", "other"}


def output(program: str, folder: Path, environment: dict[str, str]) -> str:
    """Standard output of a program that runs in a folder and must succeed."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_engine_leaves_numbas_settings_and_other_functions_caches_alone(tmp_path):
    (tmp_path / "other.py").write_text(TWICE)
    program = (
        "import numba\n"
        "before = {name: getattr(numba.config, name) for name in dir(numba.config) if name.isupper()}\n"
        "from train.cpu import cache, engine, kernels\n"
        "assert before == {name: getattr(numba.config, name) for name in before}\n"
        "import other\n"
        "print(numba.njit(cache=True)(other.twice).stats.cache_path)\n"
        "print(cache.FOLDER)\n"
        "print(kernels.train_batches.stats.cache_path)\n"
    )
    environment = {name: os.environ[name] for name in ("PATH", "HOME")}
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{tmp_path}"
    other, folder, kernel = output(program, tmp_path, environment).split()
    assert other == str(tmp_path / "__pycache__")
    assert Path(kernel).parent == Path(folder)


def test_the_fast_engine_loads_its_kernels_where_the_code_became_read_only(tmp_path):
    engine.compile_kernels()
    assert cache.is_whole()
    program = (
        "import tempfile\n"
        "write = tempfile.TemporaryFile\n"
        "def refuse(**options):\n"
        f"    if str(options['dir']).startswith({str(ROOT)!r}):\n"
        "        raise OSError(30, 'Read-only file system')\n"
        "    return write(**options)\n"
        "tempfile.TemporaryFile = refuse\n"
        "from train import engines\n"
        "print(*engines.prepare('cpu'))\n"
        "from train.cpu import kernels\n"
        "print(kernels.train_batches.stats.cache_path)\n"
        "for kernel in (kernels.train_batches, kernels.predict):\n"
        "    assert kernel.stats.cache_hits and not kernel.stats.cache_misses\n"
    )
    environment = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "",
        "HOME": str(tmp_path / "none"),
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path),
    }
    printed = output(program, tmp_path, environment)
    assert printed.startswith("cpu ") and str(tmp_path) in printed
