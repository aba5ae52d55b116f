"""The one function that every sentence for a person goes through.

Catalogues lie under ``engine/locale`` in gettext's layout; where there is none for the person's
language, the English of the source is what they read.
"""

import gettext
from pathlib import Path

_catalogue = gettext.translation("rnnlab", Path(__file__).parent / "locale", fallback=True)

_ = _catalogue.gettext
"""Translate a sentence; fill its placeholders after, so that catalogues hold the sentence and not
its numbers.
"""

ngettext = _catalogue.ngettext
"""Translate a sentence that counts: ``ngettext("{n} run", "{n} runs", n).format(n=n)``."""
