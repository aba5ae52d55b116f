"""The one function that every user-facing sentence goes through.

Catalogs are under ``engine/locale`` in gettext's layout; without one for the person's language they
read the English of the source.
"""

import gettext
from pathlib import Path

_catalog = gettext.translation("rnnlab", Path(__file__).parent / "locale", fallback=True)

_ = _catalog.gettext
"""Translate a sentence. Fill its placeholders afterwards: catalogs contain them, not the values."""

ngettext = _catalog.ngettext
"""Translate a sentence with a count: ``ngettext("{n} run", "{n} runs", n).format(n=n)``."""
