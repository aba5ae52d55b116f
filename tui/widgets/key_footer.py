"""The footer: the keys that do something now, to be clicked too."""

from textual.app import ComposeResult
from textual.events import MouseDown
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class ClickedKey(FooterKey):
    """A key of the footer. Textual's answers as soon as the mouse is pressed, which may begin a
    selection.
    """

    ALLOW_SELECT = True

    async def _on_mouse_down(self, event: MouseDown) -> None:
        event.prevent_default()

    def on_click(self) -> None:
        """Do what the key does."""
        self.app.simulate_key(self.key)


class KeyFooter(Footer):
    """A footer whose keys are clicked, and can be selected and copied as any other text."""

    ALLOW_SELECT = True

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        for key in super().compose():
            if isinstance(key, FooterKey):
                clicked = ClickedKey(key.key, key.key_display, key.description, key.action)
                yield clicked.data_bind(compact=Footer.compact)
