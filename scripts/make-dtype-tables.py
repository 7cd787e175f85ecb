#!/usr/bin/env python3
"""Writes Tests/TensorsTests/Fixtures/: PyTorch's answers for the narrow float formats.

Needs torch and safetensors. Run from the repository's root:

    python3 scripts/make-dtype-tables.py

dtype-tables.json holds, for each format,
  decode   the float32 bits of each of the 256 codes (8-bit formats), and
  crc32    of the little-endian codes that torch gives for a sequence of float32 inputs that the
           test generates again. Overflow follows torch (2.13): F8_E4M3 saturates, the others
           give infinity or, F8_E8M0, NaN. NaN inputs are left out: which NaN comes out is no
           matter of rounding.
The sequences:
  midpoints  for each non-negative finite value of the format: the midpoint to the next one (past
             the last: as if the last step repeated, or doubled for powers of two), the float below it and the
             float above it; then the same, negated.
  spread     every float32 whose bits are a multiple of 4093.

reference.safetensors is written by the reference library from tensors with known content;
reference-readable.safetensors is the same without the one dtype that Tensors lacks.
"""

import json
import pathlib
import zlib

import numpy
import safetensors.torch
import torch

FORMATS = {
    "BF16": (torch.bfloat16, numpy.uint16, torch.int16),
    "F16": (torch.float16, numpy.uint16, torch.int16),
    "F8_E4M3": (torch.float8_e4m3fn, numpy.uint8, torch.uint8),
    "F8_E5M2": (torch.float8_e5m2, numpy.uint8, torch.uint8),
    "F8_E8M0": (torch.float8_e8m0fnu, numpy.uint8, torch.uint8),
}


def decode(codes, dtype, integer):
    signed = codes.astype(numpy.int16) if codes.dtype == numpy.uint16 else codes
    return torch.from_numpy(signed.copy()).view(dtype).float().numpy()


def encode(values, dtype, integer, code_type):
    return torch.from_numpy(values).to(dtype).view(integer).numpy().astype(code_type)


def midpoints(name, dtype, code_type, integer):
    count = 256 if code_type == numpy.uint8 else 65536
    codes = numpy.arange(count, dtype=numpy.uint32).astype(code_type)
    values = decode(codes, dtype, integer).astype(numpy.float64)  # NaN included: cast warnings are expected
    finite = numpy.unique(values[numpy.isfinite(values) & (values >= 0)])
    beyond = 2 * finite[-1] - finite[-2] if name != "F8_E8M0" else 2 * finite[-1]
    middle = (finite + numpy.append(finite[1:], beyond)) / 2
    exact = middle.astype(numpy.float32)
    assert (exact.astype(numpy.float64) == middle).all()
    bits = exact.view(numpy.uint32)
    around = numpy.stack([bits, bits - 1, bits + 1], axis=1).reshape(-1)
    return numpy.concatenate([around, around | 0x80000000]).astype(numpy.uint32)


def spread():
    bits = numpy.arange(0, 2**32, 4093, dtype=numpy.uint64).astype(numpy.uint32)
    return bits[(bits & 0x7FFFFFFF) <= 0x7F800000]


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "Tests/TensorsTests/Fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    tables = {}
    for name, (dtype, code_type, integer) in FORMATS.items():
        table = {}
        if code_type == numpy.uint8:
            codes = numpy.arange(256, dtype=numpy.uint32).astype(numpy.uint8)
            table["decode"] = decode(codes, dtype, integer).view(numpy.uint32).tolist()
        inputs = {"midpoints": midpoints(name, dtype, code_type, integer), "spread": spread()}
        table["inputs"] = {key: len(bits) for key, bits in inputs.items()}
        table["crc32"] = {
            key: zlib.crc32(encode(bits.view(numpy.float32), dtype, integer, code_type).tobytes())
            for key, bits in inputs.items()
        }
        tables[name] = table
    text = json.dumps({"torch": torch.__version__, "formats": tables}, separators=(",", ":"))
    (folder / "dtype-tables.json").write_text(text + "\n")

    counting = torch.arange(12, dtype=torch.float32).reshape(3, 4) - 5
    reference = {
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "naïve \"name\"\n": torch.tensor([1, 2, 3], dtype=torch.int64),
        "wide.boolean": torch.tensor([True, False, True]),
    }
    for dtype in [
        torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2,
        torch.int32, torch.int64,
    ]:
        reference[str(dtype).removeprefix("torch.")] = counting.to(dtype)
    reference["uint8"] = (counting + 5).to(torch.uint8)
    reference["float8_e8m0fnu"] = torch.exp2(counting).to(torch.float8_e8m0fnu)
    for name in ["reference", "reference-readable"]:
        path = folder / f"{name}.safetensors"
        safetensors.torch.save_file(reference, path, metadata={"format": "pt"})
        path.chmod(0o644)
        reference.pop("wide.boolean", None)


main()
