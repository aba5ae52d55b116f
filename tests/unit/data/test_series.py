"""The series that comes with the product, against the one the tutorial's readers have."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from helpers.factory import ROOT

from engine.data.series import built_in, open_series
from engine.errors import UsageError
from engine.trials.trial import DataReference


def test_it_equals_the_tutorial_s_file_month_by_month(shared_data: Path) -> None:
    with (shared_data / "monthly-sunspots-1749-1983.csv").open(
        newline="", encoding="utf-8"
    ) as file:
        rows = [(row["Month"], float(row["Sunspots"])) for row in csv.DictReader(file)]
    series = built_in()
    assert [str(month) for month in series.required_periods] == [month for month, _value in rows]
    assert series.values.tolist() == [value for _month, value in rows]


def test_it_has_every_month_of_235_years_once() -> None:
    series = built_in()
    assert series.values.shape == (2820,)
    assert series.values.dtype == np.float64
    assert np.isfinite(series.values).all()
    assert series.values.min() >= 0.0
    assert (str(series.required_periods[0]), str(series.required_periods[-1])) == (
        "1749-01",
        "1983-12",
    )
    assert series.required_periods.is_unique
    assert (np.diff(series.required_periods.astype("int64")) == 1).all()


def test_the_file_names_its_source_and_its_digest_is_the_file_s() -> None:
    content = (ROOT / "engine" / "data" / "sunspots.csv").read_bytes()
    assert built_in().sha256 == hashlib.sha256(content).hexdigest()
    assert b"pydataset" in content.splitlines()[2]


def test_a_trial_s_reference_opens_it() -> None:
    assert open_series(built_in().reference) is built_in()


def test_another_series_or_an_altered_one_is_refused() -> None:
    with pytest.raises(UsageError, match="There is no series 'rain'"):
        open_series(DataReference(name="rain", sha256=built_in().sha256))
    with pytest.raises(UsageError, match="has changed since this trial was written"):
        open_series(DataReference(name="sunspots", sha256="0" * 64))


def test_nobody_can_change_it_for_the_others() -> None:
    assert not built_in().values.flags.writeable
