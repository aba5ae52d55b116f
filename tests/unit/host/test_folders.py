"""Whether others could put their files in the place of ours, by a folder on the way."""

import os
from pathlib import Path

import pytest
from helpers.command_line import call
from helpers.strange_files import ANOTHER

from engine.errors import UsageError
from engine.host.folders import check_unexposed, find_exposures
from engine.host.home import Home
from tui.commands import doctor

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")


@pytest.fixture
def way(tmp_path: Path) -> Path:
    """A folder on the way to a home."""
    folder = tmp_path / "way"
    folder.mkdir(0o700)
    return folder


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o711, 0o1777, 0o1775, 0o2755])
def test_usual_folders(way: Path, mode: int) -> None:
    way.chmod(mode)
    assert find_exposures(way / "home" / "runs") == []


def test_a_folder_of_everybody_s_is_refused_and_the_advice_works(way: Path) -> None:
    home = Home(way / "home")
    way.chmod(0o777)
    refused = call(home, "run", "sunspots/5", "--detach")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert f"Everybody can write to the folder {way}, and so replace your files." in refused.stderr
    assert list(way.iterdir()) == []
    (finding,) = doctor.files(home)
    assert (finding.fatal, finding.problem in refused.stderr, finding.remedy in refused.stderr) == (
        True,
        True,
        True,
    )
    # To look does no harm.
    assert call(home, "runs").returncode == 0
    assert finding.remedy == f"Do: chmod o-w {way}"
    way.chmod(0o775)
    (run_id,) = call(home, "run", "sunspots/5", "--detach").stdout.split()
    assert call(home, "cancel", run_id).returncode == 0
    # Nor to work on a home that was there before.
    way.chmod(0o777)
    for words in (("note", run_id, "mine"), ("resume", run_id), ("delete", run_id, "--yes")):
        assert "Everybody can write" in call(home, *words).stderr
    assert run_id in call(home, "runs").stdout


def test_any_folder_on_the_way_counts_links_too(tmp_path: Path, way: Path) -> None:
    (way / "disk" / "lab").mkdir(parents=True)
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to(way / "disk")
    check_unexposed(tmp_path / "one" / "lab" / ".." / "lab")
    for open_to_all in (way, way / "disk", way / "disk" / "lab"):
        open_to_all.chmod(0o777)
        with pytest.raises(UsageError, match=f"the folder {open_to_all}, and"):
            check_unexposed(tmp_path / "one" / "lab" / ".." / "lab")
        open_to_all.chmod(0o700)
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.runs.symlink_to(tmp_path / "one" / "lab")
    home.check_ours()
    way.chmod(0o777)
    with pytest.raises(UsageError, match="Everybody"):
        home.check_ours()


def test_a_loop_of_links_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"Can't look at the folder .*loop.* another home"):
        check_unexposed(tmp_path / "loop" / "home")
    with pytest.raises(UsageError) as caught:
        check_unexposed(tmp_path / "loop" / "cache", "set XDG_CACHE_HOME")
    assert caught.value.remedy == "Set XDG_CACHE_HOME."


@as_root
@pytest.mark.parametrize("mode", [0o755, 0o1755, 0o1777])
def test_somebody_else_s_folder_is_refused_sticky_or_not(way: Path, mode: int) -> None:
    home = Home(way / "home")
    home.root.mkdir()
    way.chmod(mode)
    os.chown(way, ANOTHER, -1)
    with pytest.raises(UsageError) as caught:
        home.check_ours()
    assert caught.value.what.startswith(
        f"{way} belongs to #{ANOTHER}, who could replace your files"
    )
    # No mode of the folder's keeps its owner from renaming what lies in it.
    assert caught.value.remedy == "Choose another home with --home DIR or RNNLAB_HOME."


@as_root
@pytest.mark.parametrize("place", [".locks", "runs/.locks"])
def test_folders_of_locks_that_others_can_change_are_refused_and_doctor_says_so(
    way: Path, place: str
) -> None:
    home = Home(way / "home")
    (home.root / place).mkdir(0o700, parents=True)
    home.check_ours()
    (home.root / place).chmod(0o777)
    with pytest.raises(UsageError, match=f"Everybody can write to the folder {home.root / place}"):
        home.check_ours()
    (home.root / place).chmod(0o700)
    os.chown(home.root / place, ANOTHER, -1)
    (finding,) = doctor.files(home)
    assert finding.fatal
    assert f"{home.root / place} belongs to #{ANOTHER}" in finding.problem


@as_root
def test_somebody_else_s_link_is_refused(tmp_path: Path, way: Path) -> None:
    (tmp_path / "home").symlink_to(way)
    os.chown(tmp_path / "home", ANOTHER, -1, follow_symlinks=False)
    with pytest.raises(UsageError, match=f"home belongs to #{ANOTHER}"):
        check_unexposed(tmp_path / "home")


@as_root
def test_a_group_s_folder_is_worked_in_and_doctor_says_who_could_write(way: Path) -> None:
    home = Home(way / "home")
    os.chown(way, -1, ANOTHER)
    way.chmod(0o2775)
    home.check_ours()
    (exposure,) = find_exposures(home.root)
    assert exposure.by_group
    (finding,) = doctor.files(home)
    assert (
        finding.problem
        == f"The group #{ANOTHER} can write to the folder {way}, and so replace your files."
    )
    assert not finding.fatal
    way.chmod(0o2755)
    assert next(doctor.files(home)).problem == ""
