"""The footer: the keys that work now, which can be clicked too."""

from textual.app import ComposeResult
from textual.events import MouseDown
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class ClickedKey(FooterKey):
    """A key of the footer, triggered by a click.

    Textual's is triggered when the mouse button goes down, which may begin a selection.
    """

    ALLOW_SELECT = True

    async def _on_mouse_down(self, event: MouseDown) -> None:
        event.prevent_default()

    def on_click(self) -> None:
        """Run the key's action."""
        self.app.simulate_key(self.key)


class KeyFooter(Footer):
    """A footer whose keys can be clicked, and selected and copied like other text."""

    ALLOW_SELECT = True

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        for key in super().compose():
            if isinstance(key, FooterKey):
                clicked = ClickedKey(key.key, key.key_display, key.description, key.action)
                yield clicked.data_bind(compact=Footer.compact)
