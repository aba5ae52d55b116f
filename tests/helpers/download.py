"""What is downloaded in the tests, how long they wait for it, and the sentence that refuses it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.data.catalog import FetchError
from engine.data.download import Limits

TEXT = "“Curiouser and curiouser!” cried Alice.\n".encode() * 10_000
SOON = Limits(connect_s=5, silence_s=0.1, total_s=60, bytes=2**20, redirects=3)


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """Check that a download is refused for this reason, in a sentence that can be printed and says
    the ways out.
    """
    with pytest.raises(FetchError) as caught:
        yield
    assert reason in caught.value.reason, caught.value.reason
    assert caught.value.what.startswith("Can't fetch http")
    assert caught.value.what.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert str(caught.value).isprintable()
