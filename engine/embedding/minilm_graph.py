"""Builds the sentence model's ONNX graph from its weights: BERT with 6 layers, mean pooling, unit length."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

_LAYERS = 6
_HEADS = 12
_DIMENSION = 384
_FUSED = "com.microsoft"
_EPSILON = 1e-12


def write_graph(weights: Path, target: Path) -> None:
    """Writes the graph with 32-bit floats.

    Its inputs are `ids`, `mask` and `types` (int32, batch × length), its output is `embedding` (batch × 384).
    """
    onnx.save(_Graph(load_file(weights)).model(), str(target))


def write_quantized_graph(source: Path, target: Path) -> None:
    """Writes the graph of `source` with 8-bit matrices, one scale for each column; embeddings stay exact."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        quantize_dynamic(
            source,
            target,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
    finally:
        root.setLevel(level)


class _Graph:
    def __init__(self, weights: dict[str, npt.NDArray[np.float32]]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        hidden, mask_index = self._embeddings()
        for layer in range(_LAYERS):
            hidden = self._layer(layer, hidden, mask_index)
        self._pooling(hidden)
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "length"])
            for name in ("ids", "mask", "types")
        ]
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", _DIMENSION])
        graph = helper.make_graph(self._nodes, "minilm", inputs, [output], self._constants)
        operators = [helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=operators, ir_version=9)

    def _embeddings(self) -> tuple[str, str]:
        inputs = ["ids", "types"]
        inputs += [self._weight(f"embeddings.{kind}_embeddings.weight") for kind in ("word", "position", "token_type")]
        inputs += [
            self._weight("embeddings.LayerNorm.weight"),
            self._weight("embeddings.LayerNorm.bias"),
            "mask",
        ]
        outputs = ["hidden0", "mask_index"]
        self._nodes.append(
            helper.make_node("EmbedLayerNormalization", inputs, outputs, domain=_FUSED, epsilon=_EPSILON)
        )
        return outputs[0], outputs[1]

    def _layer(self, layer: int, hidden: str, mask_index: str) -> str:
        prefix = f"encoder.layer.{layer}."
        selves = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
        joined = np.concatenate([self._weights[f"{name}.weight"].T for name in selves], axis=1)
        joined_bias = np.concatenate([self._weights[f"{name}.bias"] for name in selves])
        attended = self._node(
            "Attention",
            [
                hidden,
                self._constant(f"qkv{layer}", joined),
                self._constant(f"qkv_bias{layer}", joined_bias),
                mask_index,
            ],
            f"attended{layer}",
            fused=True,
            num_heads=_HEADS,
        )
        middle = self._dense_and_norm(f"{prefix}attention.output", attended, hidden, f"middle{layer}")
        widened = self._node(
            "MatMul", [middle, self._transposed(f"{prefix}intermediate.dense.weight")], f"widened{layer}"
        )
        active = self._node(
            "BiasGelu",
            [widened, self._weight(f"{prefix}intermediate.dense.bias")],
            f"active{layer}",
            fused=True,
        )
        return self._dense_and_norm(f"{prefix}output", active, middle, f"hidden{layer + 1}")

    def _dense_and_norm(self, prefix: str, value: str, skip: str, output: str) -> str:
        dense = self._node("MatMul", [value, self._transposed(f"{prefix}.dense.weight")], f"{output}_dense")
        scale, shift = self._weight(f"{prefix}.LayerNorm.weight"), self._weight(f"{prefix}.LayerNorm.bias")
        inputs = [skip, dense, scale, shift, self._weight(f"{prefix}.dense.bias")]
        return self._node("SkipLayerNormalization", inputs, output, fused=True, epsilon=_EPSILON)

    def _pooling(self, hidden: str) -> None:
        last_axis, middle_axis = (
            self._constant("last", np.array([2])),
            self._constant("middle", np.array([1])),
        )
        mask = self._node("Cast", ["mask"], "mask_float", to=TensorProto.FLOAT)
        masked = self._node("Mul", [hidden, self._node("Unsqueeze", [mask, last_axis], "mask_column")], "masked")
        total = self._node("ReduceSum", [masked, middle_axis], "total", keepdims=0)
        count = self._node("ReduceSum", [mask, middle_axis], "count", keepdims=1)
        mean = self._node("Div", [total, count], "mean")
        self._node("LpNormalization", [mean], "embedding", axis=1, p=2)

    def _node(self, operator: str, inputs: list[str], output: str, *, fused: bool = False, **attributes: Any) -> str:
        domain = _FUSED if fused else ""
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _transposed(self, name: str) -> str:
        return self._constant(name, self._weights[name].T)

    def _constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
