"""Plain Keras, as a tutorial writes it: numpy arrays, ``fit``, ``predict``. One measurement a
process; prints JSON.

The forecasts follow machinelearningmastery.com, "Understanding Simple Recurrent Neural Networks in
Keras" (2021), the characters A. Gulli and S. Pal, "Deep Learning with Keras" (2017), chapter 6: the
two sources of the report. Nothing here is slower than they write it: the arrays are float32, the
loop of SimpleRNN over characters is unrolled.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras.layers import Dense, SimpleRNN

import presets

Figures = dict[str, float]


def windows(values: np.ndarray, time_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows (samples, time_steps, 1) and the value after each."""
    y = values[time_steps::time_steps]
    x = values[: time_steps * len(y)].reshape(len(y), time_steps, 1)
    return x, y


def forecast(preset_id: str, series: str, epochs: int | None = None) -> Figures:
    """Train a preset on a series (a CSV of month and number). Seconds: a whole ``fit`` and a later
    epoch of it.
    """
    preset = presets.get(preset_id)
    assert preset is not None
    asked: Any = preset.parameters
    lines = Path(series).read_text().splitlines()
    values = np.array(
        [float(line.split(",")[1]) for line in lines if line[0].isdigit()], dtype=np.float32
    )
    values = (values - values.min()) / (values.max() - values.min())
    split = int(len(values) * 0.8)
    train_x, train_y = windows(values[:split], asked["time_steps"])
    test_x, test_y = windows(values[split:], asked["time_steps"])

    began = time.perf_counter()
    recurrent, dense = asked["activation"]
    model = keras.Sequential(
        [
            keras.Input((asked["time_steps"], 1)),
            SimpleRNN(asked["hidden_units"], activation=recurrent),
            Dense(asked["dense_units"], activation=dense),
        ]
    )
    model.compile(loss="mean_squared_error", optimizer="adam")
    clock = Clock()
    model.fit(
        train_x,
        train_y,
        epochs=epochs or asked["epochs"],
        batch_size=asked["batch_size"],
        verbose=0,
        callbacks=[clock],
    )
    for name, x, y in (("train", train_x, train_y), ("test", test_x, test_y)):
        rmse = np.sqrt(np.mean((y - model.predict(x, verbose=0)[:, 0]) ** 2))
        print(f"{preset_id} {name} RMSE: {rmse:.3f}")
    return {"fit": time.perf_counter() - began, "epoch": clock.later_epoch}


class Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Takes the time of every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seconds.append(time.perf_counter() - self._began)

    @property
    def later_epoch(self) -> float:
        """The median of all epochs but the first, in which the functions are traced."""
        return float(np.median(self.seconds[1:]))


def table(series: str, epochs: int | None = None) -> Figures:
    """Train every preset of the sunspots once, one after the other."""
    ids = [preset.id for preset in presets.load() if preset.kind == "forecast"]
    return {"fit": sum(forecast(preset_id, series, epochs)["fit"] for preset_id in ids)}


def samples(text: str, seqlen: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return one-hot windows (samples, seqlen, characters), the one-hot character after each, and
    the characters.
    """
    characters = sorted(set(text))
    index = {character: i for i, character in enumerate(characters)}
    x = np.zeros((len(text) - seqlen, seqlen, len(characters)), dtype=np.float32)
    y = np.zeros((len(text) - seqlen, len(characters)), dtype=np.float32)
    for i in range(len(text) - seqlen):
        for j, character in enumerate(text[i : i + seqlen]):
            x[i, j, index[character]] = 1
        y[i, index[text[i + seqlen]]] = 1
    return x, y, characters


def character_model(seqlen: int, n_characters: int) -> keras.Model:
    """Return the network of the report's character trials."""
    model = keras.Sequential(
        [
            keras.Input((seqlen, n_characters)),
            SimpleRNN(128, unroll=True),
            Dense(n_characters, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop")
    return model


def characters(seqlen: int, corpus: str, epochs: int) -> Figures:
    """Train on a prepared text, batches of 128. Seconds: an epoch after the first."""
    x, y, distinct = samples(Path(corpus).read_text(), seqlen)
    clock = Clock()
    model = character_model(seqlen, len(distinct))
    model.fit(x, y, batch_size=128, epochs=epochs + 1, verbose=0, callbacks=[clock])
    return {"epoch": clock.later_epoch}


def write(model: keras.Model, seed: str, count: int, distinct: list[str]) -> str:
    """Write ``count`` characters, each the likeliest after the last ``len(seed)``."""
    index = {character: i for i, character in enumerate(distinct)}
    window, written = seed, ""
    for _ in range(count):
        x = np.zeros((1, len(seed), len(distinct)), dtype=np.float32)
        for i, character in enumerate(window):
            x[0, i, index[character]] = 1
        predicted = model.predict(x, verbose=0)[0]
        likeliest = distinct[int(np.argmax(predicted))]
        written += likeliest
        window = window[1:] + likeliest
    return written


def writing(seqlen: int, corpus: str, count: int) -> Figures:
    """Write characters from an untrained network, which takes as long as from a trained one."""
    text = Path(corpus).read_text()
    distinct = sorted(set(text))
    model = character_model(seqlen, len(distinct))
    write(model, text[:seqlen], 3, distinct)
    began = time.perf_counter()
    write(model, text[:seqlen], count, distinct)
    return {"written": time.perf_counter() - began}


def texts(corpus: str, iterations: int) -> Figures:
    """Carry out every preset of the characters, each cut to ``iterations``, one after the other."""
    text = Path(corpus).read_text()
    epochs = 0
    for preset in presets.load():
        if preset.kind == "text":
            asked: Any = preset.parameters
            x, y, distinct = samples(text, asked["seqlen"])
            model = character_model(asked["seqlen"], len(distinct))
            for _ in range(iterations):
                model.fit(
                    x,
                    y,
                    batch_size=asked["batch_size"],
                    epochs=asked["epochs_per_iteration"],
                    verbose=0,
                )
                begin = np.random.randint(len(x))
                print(
                    write(
                        model, text[begin : begin + asked["seqlen"]], asked["predictions"], distinct
                    )
                )
                epochs += asked["epochs_per_iteration"]
    return {"epochs": epochs}


def main() -> None:
    """Carry out what the arguments name: the function, and its arguments as JSON."""
    measured: Figures = globals()[sys.argv[1]](*json.loads(sys.argv[2]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {**measured, "peak": used.ru_maxrss * 1024, "cpu": used.ru_utime + used.ru_stime}
        )
    )


if __name__ == "__main__":
    main()
