"""Keys and pastes are handled one at a time, in the order in which they were typed.

Textual hands a key to the focused widget, which inserts it if it is a letter; a key that is bound
to an action passes through all parents before the action runs. If keys arrive together, as after a
stalled connection, letters are inserted before the actions that were typed before them: ``100``,
backspace, ``5`` gives 100 (Textual's issue 6605), and what follows a key that moves the focus lands
in the previous field.
"""

import asyncio
from collections import deque
from typing import Any

from textual.app import App, ReturnType
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget


class KeyAnswered(Message):
    """Follows a key to all widgets that may handle it; once it is back, all of them have."""


class TypingInOrder(App[ReturnType]):
    """An application that handles no key before the previous one has been handled."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[Key | Paste] = deque()
        self._follower: KeyAnswered | None = None
        """What follows the key that is being handled; None if no key is."""
        self._target: Widget | None = None
        """The widget to which that key went."""
        self._previous_screen: Screen[Any] | None = None
        """The screen that was on top when the last key was handled."""

    @property
    def all_keys_handled(self) -> bool:
        """Whether everything that was typed has had its effect."""
        return not self._typed and not self._is_handling

    async def handle_all_keys(self) -> None:
        """Return once everything that was typed until now has had its effect."""
        while True:
            # Behind the keys that wait in the queue of messages.
            reached = asyncio.Event()
            self.call_later(reached.set)
            await reached.wait()
            if self.all_keys_handled:
                return

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self._typed.append(event)
            await self._handle_next()
        else:
            await super().on_event(event)

    async def on_key_answered(self, message: Message) -> None:
        """Continue with the next key."""
        if message is self._follower:
            self._follower = None
            await self._handle_next()

    def on_mount(self) -> None:
        self.screen_change_signal.subscribe(self, self._on_other_screen)

    def _on_other_screen(self, _screen: Screen[Any]) -> None:
        # The follower may have gone with the previous screen. Later, because the key whose action
        # this is has not been handled yet.
        self.call_later(self._handle_next)

    @property
    def _is_handling(self) -> bool:
        """Whether a key is being handled by a widget that the person still sees."""
        target = self._target
        return (
            self._follower is not None
            and target is not None
            and self.screen in target.ancestors_with_self
        )

    async def _handle_next(self) -> None:
        while self._typed and not self._is_handling:
            if self.screen is not self._previous_screen:
                # When the follower comes back, the screen's fields exist, and one of them has the
                # focus.
                self._previous_screen = self.screen
                self._follow(self.screen)
                continue
            target = self.focused or self.screen
            event = self._typed.popleft()
            await super().on_event(event)
            # A priority binding has run its action by now.
            if event.is_forwarded:
                self._follow(target)

    def _follow(self, target: Widget) -> None:
        follower = KeyAnswered()
        # A widget that is being closed takes no more messages.
        self._follower, self._target = (
            (follower, target) if target.post_message(follower) else (None, None)
        )
