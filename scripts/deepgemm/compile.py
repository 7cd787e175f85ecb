"""Compiles the FP8 kernels with NVRTC, without a GPU, and writes the manifest that harness.py reads.

    python3 scripts/deepgemm/compile.py NVRTC_FOLDER OUT

NVRTC_FOLDER holds libnvrtc.so.13 (pip install nvidia-cuda-nvrtc==13.0.88). OUT gets the cubins."""

import ctypes
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = os.path.join(HERE, "..", "..", "Sources", "CDeepGEMMKernels", "kernels")
LIMIT = 232448


class Compiler:
    def __init__(self, folder, out):
        ctypes.CDLL(os.path.join(folder, "libnvrtc-builtins.so.13.0"), mode=ctypes.RTLD_GLOBAL)
        self.nvrtc = ctypes.CDLL(os.path.join(folder, "libnvrtc.so.13"))
        self.out = out
        self.manifest = []

    def compile(self, source, definitions, cubin):
        def read(name):
            with open(os.path.join(KERNELS, name), "rb") as file:
                return file.read()

        headers = [name for name in os.listdir(KERNELS) if name.endswith(".cuh")]
        program = ctypes.c_void_p()
        texts = (ctypes.c_char_p * len(headers))(*[read(name) for name in headers])
        names = (ctypes.c_char_p * len(headers))(*[name.encode() for name in headers])
        self.nvrtc.nvrtcCreateProgram(
            ctypes.byref(program), read(source), source.encode(), len(headers), texts, names)
        options = ["--gpu-architecture=sm_90a", "--std=c++20", "--ptxas-options=-v"]
        options += [f"-D{key}={value}" for key, value in definitions.items()]
        encoded = (ctypes.c_char_p * len(options))(*[option.encode() for option in options])
        code = self.nvrtc.nvrtcCompileProgram(program, len(options), encoded)
        size = ctypes.c_size_t()
        self.nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        self.nvrtc.nvrtcGetProgramLog(program, log)
        text = log.value.decode()
        if code != 0:
            sys.exit(f"{cubin}: {text}")
        for line in text.splitlines():
            if "spill" in line and "0 bytes spill stores, 0 bytes spill loads" not in line:
                print(cubin, line.strip())
            if "wgmma" in line:
                print(cubin, line.strip())
        self.nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size))
        image = ctypes.create_string_buffer(size.value)
        self.nvrtc.nvrtcGetCUBIN(program, image)
        with open(os.path.join(self.out, cubin), "wb") as file:
            file.write(image.raw)

    def tiled(self, prefix, n, warpgroups, waves=1, sets=1, cluster=(1, 1), grouping=0, output=0):
        rows = warpgroups * 64
        chunks = n // (32 if output else 64) if n % 64 == 0 else 1
        chunks = min(chunks, 4)
        staging = chunks * 8192 if n % 64 == 0 else 64 * n * 2
        staging = (warpgroups * staging + 127) // 128 * 128
        stage = (rows + n) * 128 + rows * 4 + 16
        stages = min(12, (LIMIT - staging) // stage)
        definitions = {
            "OI_BLOCK_N": n, "OI_WAVES": waves, "OI_SETS": sets, "OI_STAGES": stages,
            "OI_CLUSTER_M": cluster[0], "OI_CLUSTER_N": cluster[1], "OI_GROUPING": grouping,
            "OI_OUTPUT": output, "OI_BAND": 8 if cluster != (1, 1) else 16,
            "OI_WARPGROUPS": warpgroups, "OI_CHUNKS": chunks}
        name = (f"{prefix}_{rows}x{n}_w{waves}_s{sets}_c{cluster[0]}{cluster[1]}"
                f"_g{grouping}_o{output}")
        self.compile("sm90_fp8_gemm_1d2d.cu", definitions, name + ".cubin")
        self.manifest.append({
            "name": name, "cubin": name + ".cubin", "function": "oi_fp8_gemm_1d2d",
            "smem": stages * stage + staging, "config": definitions})

    def swapped(self, n, m, split, resident):
        stage = n * 128 + m * 128 + (m * 4 + 127) // 128 * 128
        stages = min(10, (228 * 1024 // resident - 1024 - 256) // stage)
        definitions = {"OI_BLOCK_N": n, "OI_BLOCK_M": m, "OI_STAGES": stages, "OI_SPLIT": split,
                       "OI_RESIDENT": resident}
        name = f"s_{n}x{m}_split{split}_r{resident}"
        self.compile("sm90_fp8_gemm_swap_ab.cu", definitions, name + ".cubin")
        self.manifest.append({
            "name": name, "cubin": name + ".cubin", "function": "oi_fp8_gemm_swap_ab",
            "smem": max(stages * stage, m * (n + 4) * 4) + 16 * stages, "config": definitions,
            "threads": n // 64 * 128 + 32})

    def quantizers(self):
        for is_float, name in ((0, "bf16"), (1, "f32")):
            cubin = f"quantize_{name}.cubin"
            self.compile("sm90_fp8_quantize.cu", {"OI_INPUT_FLOAT": is_float}, cubin)
            for kind in ("rows", "blocks"):
                self.manifest.append({
                    "name": f"quantize_{kind}_{name}", "cubin": cubin,
                    "function": f"oi_quantize_{kind}", "smem": 0, "config": {}})


def main():
    folder, out = sys.argv[1:3]
    os.makedirs(out, exist_ok=True)
    compiler = Compiler(folder, out)
    compiler.tiled("d", 256, 2, waves=2, cluster=(2, 1))
    compiler.tiled("d", 128, 3, cluster=(2, 1))
    for n in (192, 176, 144):
        compiler.tiled("d", n, 2)
    for cluster in ((1, 1), (2, 1)):
        compiler.tiled("d", 128, 2, sets=2, cluster=cluster)
    for n in (64, 32):
        compiler.tiled("d", n, 2, sets=2)
    for n in (128, 64, 32, 16):
        compiler.tiled("d", n, 1, sets=2)
    for output in (1, 2):
        compiler.tiled("d", 128, 2, sets=2, output=output)
    for grouping in (1, 3):
        compiler.tiled("g", 256, 2, waves=2, cluster=(1, 2), grouping=grouping)
    compiler.tiled("g", 128, 1, sets=2, grouping=2)
    compiler.tiled("g", 128, 2, sets=2, grouping=2)
    compiler.tiled("g", 192, 2, grouping=2)
    for split in (1, 2, 4, 8):
        compiler.swapped(64, 64, split, 2)
    compiler.quantizers()
    with open(os.path.join(out, "manifest.json"), "w") as file:
        json.dump(compiler.manifest, file)
    print(len(compiler.manifest), "kernels")


if __name__ == "__main__":
    main()
