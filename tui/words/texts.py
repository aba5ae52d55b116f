"""The words for text trials."""

from collections.abc import Mapping

from engine.data.text_notes import describe_preparation
from engine.language import _, ngettext
from engine.runs.progress import Progress
from engine.runs.results import BriefTextMetrics, TextMetrics
from engine.runs.watch import Snapshot
from engine.trials.trial import DataReference, TextParameters
from presets import PublishedText
from tui.words import format as fmt
from tui.words.kinds import KindWords


class TextWords(KindWords[TextParameters, TextMetrics | BriefTextMetrics, PublishedText]):
    heading = _("ALICE  Tables III to XIII")
    takes_no_other = _("{preset} learns a text: it takes no --{option}.")

    def preset_line(self, parameters: Mapping[str, object]) -> str:
        rounds = f"{parameters['iterations']}×{parameters['epochs_per_iteration']}"
        return f"{rounds:<5} seq {parameters['seqlen']:<3} {parameters['predictions']:>3} chars"

    def published_numbers(self, published: PublishedText) -> str:
        last = published.iterations[-1]
        return f"{last.loss:.4f} @{last.iteration}"

    def published_sentence(self, published: PublishedText) -> str:
        last = published.iterations[-1]
        return _("published loss {loss:.4f} at iteration {iteration}").format(
            loss=last.loss, iteration=last.iteration
        )

    def published_lines(self, published: PublishedText) -> list[str]:
        return [
            _("published loss {loss:.4f} at iteration {n}").format(loss=row.loss, n=row.iteration)
            for row in published.iterations
        ]

    def preview(self, published: PublishedText) -> list[str]:
        return self.published_lines(published)

    def plan_lines(
        self, parameters: TextParameters, length: int | None, step: str | None
    ) -> list[str]:
        iterations, context = parameters.iterations, parameters.seqlen
        return [
            f"{parameters.cell} {parameters.hidden_units}, tanh → Dense → softmax",
            _("{iterations} of {each}: {epochs}, batch {batch}").format(
                iterations=ngettext("{n} iteration", "{n} iterations", iterations).format(
                    n=iterations
                ),
                each=parameters.epochs_per_iteration,
                epochs=fmt.epochs(iterations * parameters.epochs_per_iteration),
                batch=parameters.batch_size,
            ),
            ngettext(
                "reads {seqlen} character, writes {n} after each iteration",
                "reads {seqlen} characters, writes {n} after each iteration",
                context,
            ).format(seqlen=context, n=parameters.predictions),
            _("RMSprop, categorical cross-entropy"),
        ]

    def measured_numbers(
        self, progress: Progress, metrics: TextMetrics | BriefTextMetrics | None
    ) -> str:
        if metrics and metrics.iterations:
            last = metrics.iterations[-1]
            return f"{last.loss:.4f} @{last.iteration}"
        if not progress.losses:
            return fmt.NO_NUMBERS
        complete = [
            (iteration.loss, iteration.number)
            for iteration in progress.iterations
            if iteration.loss is not None
        ]
        if not complete:
            return f"{progress.losses[-1]:.4f}"
        return "{:.4f} @{}".format(*complete[-1])

    def progress(self, snapshot: Snapshot, parameters: TextParameters) -> str:
        epochs, writing = len(snapshot.progress.losses), snapshot.progress.writing
        epochs_each = parameters.epochs_per_iteration
        iteration = (
            writing.number if writing else min(epochs // epochs_each + 1, parameters.iterations)
        )
        text = _("iteration {n}/{total}").format(n=iteration, total=parameters.iterations)
        if writing:
            text += "  " + _("writing its text")
        elif epochs_each > 1:
            text += "  " + _("epoch {n}/{total}").format(
                n=epochs % epochs_each + 1, total=epochs_each
            )
        return text

    def data_lines(self, data: DataReference) -> list[str]:
        return [describe_preparation(data.preparation)]

    def loss_marks(self, parameters: TextParameters, published: PublishedText) -> dict[int, float]:
        return {
            iteration * parameters.epochs_per_iteration: loss
            for iteration, loss in published.losses.items()
            if iteration <= parameters.iterations
        }

    def epoch_header(self) -> str:
        return f" {_('ITERATION'):>10} {_('PUBLISHED'):>10}"

    def epoch_columns(
        self, number: int, parameters: TextParameters, published: PublishedText | None
    ) -> str:
        iteration, rest = divmod(number, parameters.epochs_per_iteration)
        is_last = rest == parameters.epochs_per_iteration - 1
        loss = published.losses.get(iteration + 1) if published and is_last else None
        return f" {iteration + 1:>10} {f'{loss:.4f}' if loss else '':>10}"


TEXT_WORDS = TextWords()
