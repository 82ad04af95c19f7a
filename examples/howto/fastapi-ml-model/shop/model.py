"""A multinomial naive Bayes classifier: which word belongs to which kind of letter."""

import csv
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def words_of(text: str) -> list[str]:
    """Return the words of a text."""
    return re.findall(r"[a-z]+", text.lower())


@dataclass(frozen=True)
class Model:
    """What has been learnt, and a version that tells from what."""

    version: str
    labels: NDArray[np.str_]
    words: NDArray[np.str_]
    log_priors: NDArray[np.float64]  # one for each label
    log_likelihoods: NDArray[np.float64]  # a row for each label, a column for each word

    @classmethod
    def train(cls, table: str) -> "Model":
        """Learn from a CSV table with the columns ``label`` and ``text``."""
        rows = list(csv.DictReader(StringIO(table)))
        labels = sorted({row["label"] for row in rows})
        words = sorted({word for row in rows for word in words_of(row["text"])})
        counts = np.ones((len(labels), len(words)))  # no word is impossible
        for row in rows:
            for word in words_of(row["text"]):
                counts[labels.index(row["label"]), words.index(word)] += 1
        letters = Counter(row["label"] for row in rows)
        return cls(
            version=hashlib.sha256(table.encode()).hexdigest()[:12],
            labels=np.array(labels),
            words=np.array(words),
            log_priors=np.log([letters[label] / len(rows) for label in labels]),
            log_likelihoods=np.log(counts / counts.sum(axis=1, keepdims=True)),
        )

    def save(self, path: Path) -> None:
        """Write the model to a file of plain arrays."""
        np.savez(path, **vars(self))

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read a model; raises OSError or ValueError for a file that is none."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return cls(version=str(arrays.pop("version")), **arrays)

    def classify(self, texts: list[str]) -> list[tuple[str, float]]:
        """Return the most probable label of each text, and its probability."""
        column = {word: number for number, word in enumerate(self.words)}
        counts = np.zeros((len(texts), len(column)))
        for row, text in enumerate(texts):
            for word in words_of(text):
                if word in column:
                    counts[row, column[word]] += 1
        scores = counts @ self.log_likelihoods.T + self.log_priors
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
        best = scores.argmax(axis=1)
        labels = self.labels[best].tolist()
        return list(zip(labels, scores.max(axis=1).tolist(), strict=True))
