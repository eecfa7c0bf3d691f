"""Text to vectors: the :class:`Encoder` protocol, an ONNX encoder and a cache in front of it."""

from plugin.encoding.base import Encoder
from plugin.encoding.cached import CachedEncoder
from plugin.encoding.onnx import OnnxEncoder, dimensions, prepare

__all__ = ["CachedEncoder", "Encoder", "OnnxEncoder", "dimensions", "prepare"]
