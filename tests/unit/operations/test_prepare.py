"""What can't run is refused before anything heavy is imported, and before anything is written."""

import json
from pathlib import Path

import pytest
from helpers.factory import CORPUS, preset, python

from engine.data.library import TextLibrary
from engine.data.series import built_in
from engine.errors import UsageError
from engine.host.home import Home
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.trials.trial import ForecastTrial, TextTrial

FIVE, ONE = preset("sunspots/5"), preset("alice/1")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(CORPUS)
    return path


def test_a_forecast_reads_the_built_in_series(home: Home) -> None:
    trial = prepare_trial(home, TrialRequest(FIVE, settings={"epochs": "2"}, seed=3))
    assert isinstance(trial, ForecastTrial)
    assert trial.data == built_in().reference
    assert (trial.preset, trial.parameters.epochs, trial.seed, trial.device) == (
        "sunspots/5",
        2,
        3,
        "cpu",
    )
    assert not home.root.exists()


def test_a_text_given_as_a_file_is_kept_for_the_worker(home: Home, text: Path) -> None:
    trial = prepare_trial(home, TrialRequest(ONE, source=str(text)))
    assert isinstance(trial, TextTrial)
    assert (trial.data.name, trial.data.file) == ("text.txt", str(text))
    assert TextLibrary(home).open(trial.data).text == CORPUS.strip()


def test_alice_is_the_text_where_none_is_given(home: Home, text: Path) -> None:
    TextLibrary(home).add("alice", text)
    trial = prepare_trial(home, TrialRequest(ONE))
    assert (trial.data.name, trial.data.file) == ("alice", None)


@pytest.mark.parametrize("corpus", [None, "alice"])
def test_absent_alice_is_refused(home: Home, corpus: str | None) -> None:
    with pytest.raises(UsageError, match=r"is not here yet\..*data add alice FILE"):
        prepare_trial(home, TrialRequest(ONE, source=corpus))


def test_a_file_called_alice_where_one_happens_to_be_is_no_alice(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alice").write_text("Notes on how to reach Alice by telephone.")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is not here yet"):
        prepare_trial(home, TrialRequest(ONE))
    trial = prepare_trial(home, TrialRequest(ONE, source="./alice"))
    assert (trial.data.name, trial.data.file) == ("alice", str(tmp_path / "alice"))


def test_an_empty_corpus_is_not_alice(home: Home, text: Path) -> None:
    TextLibrary(home).add("alice", text)
    with pytest.raises(UsageError, match="There is no corpus and no file ''"):
        prepare_trial(home, TrialRequest(ONE, source=""))


@pytest.mark.parametrize(("time_steps", "good"), [(563, True), (564, False), (1000, False)])
def test_windows_longer_than_the_test_part_are_refused(
    home: Home, time_steps: int, good: bool
) -> None:
    if good:
        prepare_trial(home, TrialRequest(FIVE, settings={"time_steps": time_steps}))
        return
    with pytest.raises(
        UsageError,
        match=rf"time_steps = {time_steps}: must be 1 to 563 for a series of 2820 values",
    ):
        prepare_trial(home, TrialRequest(FIVE, settings={"time_steps": time_steps}))


def test_windows_longer_than_the_text_are_refused(home: Home, text: Path) -> None:
    length = len(CORPUS.strip())
    prepare_trial(home, TrialRequest(ONE, source=str(text), settings={"seqlen": length - 1}))
    with pytest.raises(
        UsageError,
        match=rf"seqlen = {length}: must be 1 to {length - 1} for a text of {length} char",
    ):
        prepare_trial(home, TrialRequest(ONE, source=str(text), settings={"seqlen": length}))


@pytest.mark.parametrize(
    "settings", [{"epochs": "0"}, {"nothing": "1"}, {"activation": "swish"}, {"time_steps": ""}]
)
def test_parameters_are_refused_before_the_data_is_looked_at(
    home: Home, settings: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        prepare_trial(home, TrialRequest(FIVE, settings=settings))
    with pytest.raises(UsageError) as caught:
        prepare_trial(home, TrialRequest(ONE, source="nowhere", settings={"predictions": "0"}))
    assert "predictions" in str(caught.value)
    assert not home.root.exists()


def test_a_seed_out_of_range_is_refused(home: Home) -> None:
    with pytest.raises(UsageError, match="seed = -1"):
        prepare_trial(home, TrialRequest(FIVE, seed=-1))


def test_a_refused_seed_leaves_nothing_in_the_home(home: Home, text: Path) -> None:
    with pytest.raises(UsageError, match="seed = -1"):
        prepare_trial(home, TrialRequest(ONE, source=str(text), seed=-1))
    assert not home.root.exists()


_REFUSED = """
import json, sys
from pathlib import Path
from engine.errors import UsageError
from engine.host.home import Home
from engine.operations.prepare import TrialRequest, prepare_trial
from presets import get
preset_id, settings, corpus = sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4])
try:
    request = TrialRequest(get(preset_id), source=corpus, settings=settings)
    prepare_trial(Home(Path(sys.argv[1])), request)
except UsageError:
    print(*sorted(sys.modules.keys() & {"tensorflow", "keras", "pandas", "textual", "plotext"}))
"""


@pytest.mark.parametrize(
    ("preset_id", "settings", "corpus", "imported"),
    [
        ("sunspots/5", {"epochs": "0"}, None, ""),
        ("sunspots/5", {"nothing": "1"}, None, ""),
        # How long the series is, pandas tells.
        ("sunspots/5", {"time_steps": "1000"}, None, "pandas"),
        ("alice/1", {"seqlen": "0"}, None, ""),
        ("alice/1", {}, None, ""),
        ("alice/1", {}, "/nowhere.txt", ""),
    ],
)
def test_a_refusal_imports_nothing_heavy(
    home: Home, preset_id: str, settings: dict[str, str], corpus: str | None, imported: str
) -> None:
    said, errors = python(
        _REFUSED, str(home.root), preset_id, json.dumps(settings), json.dumps(corpus)
    ).communicate()
    assert said == f"{imported}\n", errors


def test_a_network_that_no_memory_of_this_host_holds_is_refused(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "chinese.txt"
    text.write_text("".join(map(chr, range(0x4E00, 0x4E00 + 3_000))), "utf-8")
    monkeypatch.setattr("engine.operations.memory_needs.total_memory", lambda: 8 * 2**30)
    prepare_trial(home, TrialRequest(preset("alice/1"), source=str(text)))
    # 2,000 windows of 1,000 one-hot characters of 3,000.
    settings = {"seqlen": 1_000, "batch_size": 2_000}
    with pytest.raises(
        UsageError, match=r"This trial takes over 24\.\d GiB of memory, and this host has 8\.0\."
    ):
        prepare_trial(home, TrialRequest(preset("alice/1"), source=str(text), settings=settings))
    prepare_trial(
        home, TrialRequest(preset("alice/1"), source=str(text), settings=settings, device="gpu")
    )
    prepare_trial(
        home,
        TrialRequest(preset("alice/1"), source=str(text), settings=settings | {"batch_size": 200}),
    )
