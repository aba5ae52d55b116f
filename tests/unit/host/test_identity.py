"""Which host, and which process: what is the same after a change of name, a start, a number given
twice.
"""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.identity import HostIdentity, ProcessIdentity, this_host, this_process

MACHINE, OTHER_MACHINE = "a" * 32, "b" * 32
names = st.sampled_from(["one", "two"])
hosts = st.builds(
    HostIdentity,
    name=names,
    machine_id=st.sampled_from(["", MACHINE, OTHER_MACHINE]),
    boot_id=st.sampled_from(["", "first", "second"]),
)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (HostIdentity(name="one", machine_id=MACHINE, boot_id="first"), True),
        (HostIdentity(name="two", machine_id=MACHINE, boot_id="first"), True),
        (HostIdentity(name="one", machine_id=MACHINE, boot_id="second"), True),
        # Another node that was started from the same image, or this one with a new name after a
        # start.
        (HostIdentity(name="two", machine_id=MACHINE, boot_id="second"), False),
        # A container, or another machine with the old one's name.
        (HostIdentity(name="one", machine_id=OTHER_MACHINE, boot_id="first"), False),
        (HostIdentity(name="one"), True),
        (HostIdentity(name="two"), False),
    ],
)
def test_which_host_is_the_same(now: HostIdentity, same: bool) -> None:
    assert HostIdentity(name="one", machine_id=MACHINE, boot_id="first").is_same_as(now) is same


@given(one=hosts, other=hosts)
def test_it_does_not_matter_who_asks(one: HostIdentity, other: HostIdentity) -> None:
    assert one.is_same_as(other) == other.is_same_as(one)
    assert one.is_same_as(one)
    if one.machine_id != other.machine_id and one.machine_id and other.machine_id:
        assert not one.is_same_as(other)


def test_a_process_is_alive_until_it_ends() -> None:
    mine = this_process()
    assert mine is not None
    assert mine.is_alive()
    assert ProcessIdentity.model_validate_json(mine.model_dump_json()) == mine
    code = (
        "from engine.host.identity import this_process; "
        "print(this_process().model_dump_json(), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        its = ProcessIdentity.model_validate_json(process.stdout.readline())
        assert its.pid == process.pid
        assert its.is_alive()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        # Nobody has waited for it yet: it has its number, and does nothing.
        assert not its.is_alive()
    assert not its.is_alive()


@pytest.mark.parametrize(
    "changed", [{"start_ticks": 1}, {"boot_id": "another"}, {"pid_namespace": "pid:[1]"}]
)
def test_another_process_with_its_number_is_not_taken_for_it(changed: dict[str, object]) -> None:
    mine = this_process()
    assert mine is not None
    assert not mine.model_copy(update=changed).is_alive()


def test_this_host_is_itself() -> None:
    assert this_host().is_same_as(this_host())
    assert this_host().name
