"""What somebody may have put in the place of a file, so that reading it hangs, tells a secret or
takes all memory.
"""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----"
LARGE = 400_000_000
"""Bytes; the disk holds none of them."""
ANOTHER = 12_345
"""The number of a user that is not the one of the tests."""


def clear(path: Path) -> None:
    """Remove what is at a path; make the folder in which it lies."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def put_pipe(path: Path) -> None:
    clear(path)
    os.mkfifo(path)


def put_link_to_a_secret(path: Path) -> None:
    clear(path)
    secret = path.parent / ".secret"
    secret.write_text(f"{SECRET}\n")
    path.symlink_to(secret)


def put_endless_link(path: Path) -> None:
    clear(path)
    path.symlink_to("/dev/zero")


def put_folder(path: Path) -> None:
    clear(path)
    path.mkdir()
    (path / "kept").write_text("x")


def put_socket(path: Path) -> None:
    clear(path)
    here = Path.cwd()
    # The name of a socket is at most 107 bytes long.
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def put_large_file(path: Path) -> None:
    clear(path)
    with path.open("wb") as file:
        file.truncate(LARGE)


def give_away(path: Path) -> None:
    """Make it another user's. Only root can."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.write_text("{}")
    os.chown(path, ANOTHER, -1)


KINDS: dict[str, Callable[[Path], None]] = {
    "a named pipe": put_pipe,
    "a link to a secret": put_link_to_a_secret,
    "a link to /dev/zero": put_endless_link,
    "a folder": put_folder,
    "a socket": put_socket,
    "a file of 400 MB": put_large_file,
}
if os.geteuid() == 0:
    KINDS["another user's file"] = give_away
