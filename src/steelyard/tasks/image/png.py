"""Small pictures as text that a page can hold."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["data_uri"]

WIDEST = 64


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A picture (h, w, 1 or 3) as the address of a PNG that is its own content, at most 64 pixels wide.

    >>> data_uri(np.zeros((2, 2, 1), np.uint8))[:30]
    'data:image/png;base64,iVBORw0K'
    """
    return f"data:image/png;base64,{base64.b64encode(_png(_shrunk(pixels))).decode()}"


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Means of whole blocks, so that no side is longer than it may be."""
    by = -(-max(pixels.shape[:2]) // WIDEST)
    if by == 1:
        return pixels
    height, width = (side // by * by for side in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(height // by, by, width // by, by, -1)
    return np.asarray(blocks.mean(axis=(1, 3)).round(), dtype=np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Eight bits a channel, unfiltered."""
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, width * channels)
    raw = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
