"""A table, a file as SILSO's, and a web of a few files, to keep data of."""

from engine.data.catalog import Fetched, FetchError

LENGTH = 60
TABLE = "Month,Rain,Sun\n" + "".join(
    f"{1901 + n // 12}-{n % 12 + 1:02},{7 * n % 11}.5,{5 * n % 13}\n" for n in range(LENGTH)
)
RAIN = [7 * n % 11 + 0.5 for n in range(LENGTH)]
SUN = [float(5 * n % 13) for n in range(LENGTH)]
URL = "https://example.org/weather.csv"


class Web:
    """What would be fetched, and how often it was."""

    def __init__(self, **files: bytes) -> None:
        self.files = {"https://" + name: content for name, content in files.items()}
        self.asked: list[str] = []

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self.files:
            raise FetchError(url, "there is nothing at this address (404)")
        return Fetched(self.files[url], url)


def web(url: str, content: str) -> Web:
    """Return a web with one file in it."""
    found = Web()
    found.files[url] = content.encode()
    return found


def silso(n: int = 40) -> str:
    """Return a file as SILSO's, from 2016 on."""
    return "".join(
        f"{2016 + i // 12};{i % 12 + 1:02};{2016 + (i + 0.5) / 12:.3f};{i % 7:6.1f}; -1.0;-1;1\n"
        for i in range(n)
    )
