"""Divergence: the training loss is no longer a finite number."""

from engine.errors import LabError
from engine.language import _


class Diverged(LabError):
    """The mean training loss of ``epoch`` (from 1) is ``loss``: infinite or not a number."""

    def __init__(self, epoch: int, loss: float) -> None:
        self.epoch = epoch
        self.loss = loss
        # The usual cures, learning rate and gradient clipping, are not parameters of a trial.
        super().__init__(
            _("Training diverged: the loss of epoch {epoch} is {loss}.").format(
                epoch=epoch, loss=loss
            ),
            _(
                "Try tanh instead of linear or relu, shorter windows, fewer hidden units or "
                "another seed."
            ),
        )
