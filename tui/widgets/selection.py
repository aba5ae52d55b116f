"""The text that was selected with the mouse, as it is seen."""

from collections.abc import Mapping

from rich.cells import cell_len
from textual.geometry import Offset
from textual.selection import Selection
from textual.widget import Widget
from textual.widgets import Static


def selected_text(selections: Mapping[Widget, Selection]) -> str:
    """Return the text of selected widgets, in the given order; widgets side by side share a line.

    If a widget cuts its lines off, only what is seen is returned; empty if nothing is selected.
    """
    text = ending = ""
    previous: Widget | None = None
    row_ends_at = 0
    for widget, selection in selections.items():
        selected = _selected_in(widget, selection) if widget.is_attached else None
        if selected is None:
            continue
        piece, its_ending = selected
        start = selection.start or Offset(0, 0)
        column = widget.content_region.x + start.x
        if previous is not None and _is_right_of(widget, previous):
            text += " " * (column - row_ends_at)
        else:
            text += ending
        text += piece
        previous, ending, row_ends_at = widget, its_ending, column + cell_len(piece)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _is_right_of(widget: Widget, previous: Widget) -> bool:
    """Tell whether a widget continues the previous one's line, as a field does after its label."""
    return (
        widget.parent is previous.parent
        and previous.region.height == 1
        and (previous.region.y, previous.region.right)
        <= (widget.region.y, widget.region.x)
        < (previous.region.bottom, 0)
    )


def _selected_in(widget: Widget, selection: Selection) -> tuple[str, str] | None:
    """Return what is selected in a widget, and what ends it; None if nothing is."""
    if not isinstance(widget, Static):
        return widget.get_selection(selection)
    if widget.styles.text_wrap != "nowrap":
        return _extracted(selection, str(widget.visual)), "\n"
    # Such a line is cut off at the widget's edge, with or without an ellipsis.
    visible = "\n".join(
        widget.render_line(y).text.rstrip() for y in range(widget.content_size.height)
    )
    text = _extracted(selection, visible) if visible.strip() else ""
    return (text, "\n") if text else None


def _extracted(selection: Selection, text: str) -> str:
    """Return the selected part of a text.

    Textual raises IndexError for the empty line after a final line end.
    """
    begins_below = selection.start is not None and selection.start.y >= len(text.splitlines())
    return "" if begins_below else selection.extract(text)
