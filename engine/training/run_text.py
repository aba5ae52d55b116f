"""Running a text trial: open its text, train and write, make the records of a result."""

from engine.data.texts import Library
from engine.host.home import Home
from engine.language import _
from engine.numerics.protocol import check_text
from engine.runs.events import Warned
from engine.runs.results import DataUsed, IterationMetrics, TextMetrics
from engine.training import text
from engine.training.epochs import ResumeState
from engine.training.forecasting import Steps
from engine.training.outcome import Outcome
from engine.trials.trial import TextTrial
from engine.trials.variant import Variant


def run_text(
    trial: TextTrial, home: Home, variant: Variant, earlier: ResumeState | None
) -> Steps[Outcome]:
    """Train a text trial; as :data:`engine.training.outcome.Trainer`."""
    corpus = Library(home).open(trial.data)
    check_text(trial.parameters, len(corpus.text), corpus.distinct)
    if not corpus.is_report_text:
        yield Warned(
            text=_(
                "{name} is not the text of the report: the published figures are of another text."
            ).format(name=corpus.name)
        )
    outcome = yield from text.train(trial.parameters, corpus.text, trial.seed, variant, earlier)
    return Outcome(
        metrics=TextMetrics(
            iterations=tuple(
                IterationMetrics(
                    iteration=done.iteration,
                    loss=done.loss,
                    losses=done.losses,
                    seed_text=done.seed_text,
                    generated=done.generated,
                )
                for done in outcome.iterations
            )
        ),
        parameter_count=outcome.parameter_count,
        data=DataUsed(
            name=corpus.name,
            sha256=corpus.sha256,
            prepared_sha256=corpus.prepared_sha256,
            length=len(corpus.text),
            distinct=corpus.distinct,
            left_out=corpus.left_out,
        ),
        weights=outcome.weights,
    )
