"""The text of what was selected with the mouse, as it is seen."""

from collections.abc import Mapping

from rich.cells import cell_len
from textual.geometry import Offset
from textual.selection import Selection
from textual.widget import Widget
from textual.widgets import Static


def selected_text(selections: Mapping[Widget, Selection]) -> str:
    """Return the text of selected widgets, in the order given; what stands in a row becomes one
    line.

    Of a widget that cuts its lines off, what is seen is taken. Empty where nothing is.
    """
    text = ending = ""
    before: Widget | None = None
    row_ends_at = 0
    for widget, selection in selections.items():
        found = _selected_in(widget, selection) if widget.is_attached else None
        if found is None:
            continue
        piece, its_ending = found
        start = selection.start or Offset(0, 0)
        column = widget.content_region.x + start.x
        if before is not None and _is_right_of(widget, before):
            text += " " * (column - row_ends_at)
        else:
            text += ending
        text += piece
        before, ending, row_ends_at = widget, its_ending, column + cell_len(piece)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _is_right_of(widget: Widget, before: Widget) -> bool:
    """Tell whether a widget goes on in the line that the one before it begins, as a field does
    after its label.
    """
    return (
        widget.parent is before.parent
        and before.region.height == 1
        and (before.region.y, before.region.right)
        <= (widget.region.y, widget.region.x)
        < (before.region.bottom, 0)
    )


def _selected_in(widget: Widget, selection: Selection) -> tuple[str, str] | None:
    """Return what is selected of a widget, and what ends it; None if nothing is."""
    if not isinstance(widget, Static):
        return widget.get_selection(selection)
    if widget.styles.text_wrap != "nowrap":
        return _extracted(selection, str(widget.visual)), "\n"
    # Such a line is cut off at the widget's edge, with or without an ellipsis.
    seen = "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.content_size.height))
    text = _extracted(selection, seen) if seen.strip() else ""
    return (text, "\n") if text else None


def _extracted(selection: Selection, text: str) -> str:
    """Return what is selected of a text; Textual raises IndexError for the empty line after one's
    last line end.
    """
    begins_below = selection.start is not None and selection.start.y >= len(text.splitlines())
    return "" if begins_below else selection.extract(text)
