"""Loads compiled kernels through the CUDA driver, checks them against PyTorch and times them.

It needs PyTorch with a Hopper GPU and the cubins that compile.py wrote beside their manifest."""

import ctypes
import json
import os
import statistics

import torch

cuda = ctypes.CDLL("libcuda.so.1")
FP8 = torch.float8_e4m3fn
DEVICE = "cuda"


def check(code, call):
    if code != 0:
        text = ctypes.c_char_p()
        cuda.cuGetErrorName(code, ctypes.byref(text))
        raise RuntimeError(f"{call}: {text.value.decode()} ({code})")


class LaunchAttribute(ctypes.Structure):
    _fields_ = [("id", ctypes.c_int), ("pad", ctypes.c_int), ("value", ctypes.c_uint32 * 16)]


class LaunchConfig(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint) for name in ("gx", "gy", "gz", "bx", "by", "bz", "smem")] + [
        ("stream", ctypes.c_void_p), ("attributes", ctypes.POINTER(LaunchAttribute)),
        ("count", ctypes.c_uint)]


class TensorMap(ctypes.Structure):
    _fields_ = [("words", ctypes.c_uint64 * 16)]


def aligned_map():
    raw = ctypes.create_string_buffer(128 + 64)
    address = (ctypes.addressof(raw) + 63) & ~63
    tensor_map = TensorMap.from_address(address)
    tensor_map._owner = raw
    return tensor_map


KINDS = {torch.uint8: 0, FP8: 0, torch.float32: 7, torch.bfloat16: 9}


def tensor_map(tensor, sizes, strides, box, swizzle):
    """sizes fastest first, in elements; strides of dimensions 1... in bytes."""
    result = aligned_map()
    rank = len(sizes)
    code = cuda.cuTensorMapEncodeTiled(
        ctypes.byref(result), KINDS[tensor.dtype], rank, ctypes.c_void_p(tensor.data_ptr()),
        (ctypes.c_uint64 * rank)(*sizes), (ctypes.c_uint64 * rank)(*strides),
        (ctypes.c_uint32 * rank)(*box), (ctypes.c_uint32 * rank)(*([1] * rank)), 0,
        {0: 0, 32: 1, 64: 2, 128: 3}[swizzle], 3, 0)
    check(code, f"cuTensorMapEncodeTiled sizes={sizes} strides={strides} box={box}")
    result._keep = tensor
    return result


class Kernel:
    def __init__(self, folder, entry):
        self.entry = entry
        image = open(os.path.join(folder, entry["cubin"]), "rb").read()
        module = ctypes.c_void_p()
        check(cuda.cuModuleLoadData(ctypes.byref(module), image), "cuModuleLoadData")
        self.function = ctypes.c_void_p()
        check(cuda.cuModuleGetFunction(
            ctypes.byref(self.function), module, entry["function"].encode()), "cuModuleGetFunction")
        check(cuda.cuFuncSetAttribute(self.function, 8, entry["smem"]), "cuFuncSetAttribute")

    def plan(self, grid, block, cluster, arguments):
        """A closure that launches; everything it needs is packed now."""
        pointers = (ctypes.c_void_p * len(arguments))(
            *[ctypes.addressof(argument) for argument in arguments])
        attributes = (LaunchAttribute * 2)()
        attributes[0].id = 4
        attributes[0].value[0:3] = [cluster, 1, 1]
        config = LaunchConfig(
            grid[0], grid[1], grid[2], block, 1, 1, self.entry["smem"],
            torch.cuda.current_stream().cuda_stream, attributes, 1)

        def launch():
            check(cuda.cuLaunchKernelEx(
                ctypes.byref(config), self.function, pointers, None), "cuLaunchKernelEx")
        launch.keep = (pointers, attributes, config, arguments)
        return launch


def load(folder):
    torch.zeros(1, device=DEVICE)
    manifest = json.load(open(os.path.join(folder, "manifest.json")))
    return {entry["name"]: Kernel(folder, entry) for entry in manifest}


def up(value, multiple):
    return (value + multiple - 1) // multiple * multiple


def scale_of(largest):
    # Divided by a tensor: PyTorch multiplies by the reciprocal of a number.
    scale = (largest / torch.full_like(largest, 448)).clamp(2.0 ** -126)
    return torch.where(largest > 0, scale, 1)


def quantize_rows(x):
    """[..., M, K] -> e4m3 and scales [..., ceil(K/128), align(M, 4)] (M contiguous)."""
    *lead, m, k = x.shape
    padded = torch.zeros(*lead, m, up(k, 128), device=x.device, dtype=torch.float32)
    padded[..., :k] = x.float()
    blocks = padded.view(*lead, m, -1, 128)
    scale = scale_of(blocks.abs().amax(-1))
    data = (blocks / scale[..., None]).view(*lead, m, -1)[..., :k].to(FP8).contiguous()
    stored = torch.full((*lead, scale.shape[-1], up(m, 4)), float("nan"), device=x.device)
    stored[..., :m] = scale.transpose(-1, -2)
    return data, stored.contiguous(), scale


def quantize_blocks(x):
    *lead, n, k = x.shape
    padded = torch.zeros(*lead, up(n, 128), up(k, 128), device=x.device, dtype=torch.float32)
    padded[..., :n, :k] = x.float()
    blocks = padded.view(*lead, up(n, 128) // 128, 128, up(k, 128) // 128, 128)
    scale = scale_of(blocks.abs().amax((-3, -1)))
    data = (blocks / scale[..., :, None, :, None]).view(*lead, up(n, 128), up(k, 128))
    return data[..., :n, :k].to(FP8).contiguous(), scale.contiguous()


def dequantize_rows(data, scale):
    k = data.shape[-1]
    return data.float() * scale.repeat_interleave(128, -1)[..., :k]


def dequantize_blocks(data, scale):
    n, k = data.shape[-2:]
    return data.float() * scale.repeat_interleave(128, -2).repeat_interleave(128, -1)[..., :n, :k]


def difference(x, y):
    x, y = x.double(), y.double()
    total = (x * x + y * y).sum()
    return 0.0 if total == 0 else float(1 - 2 * (x * y).sum() / total)


def integer(value):
    return ctypes.c_int(int(value))


def pointer(tensor):
    return ctypes.c_void_p(tensor.data_ptr() if tensor is not None else None)


def plan_1d2d(kernel, a, scale_a, b, scale_b, d, layout=None, sms=132):
    """a [P, M, K], scale_a [P, ceil(K/128), align(M,4)], b [G, N, K], d [P, M, N]; P planes."""
    c = kernel.entry["config"]
    planes, m, k = a.shape
    groups, n, _ = b.shape
    block_m = c["OI_WARPGROUPS"] * 64
    block_n, cm, cn = c["OI_BLOCK_N"], c["OI_CLUSTER_M"], c["OI_CLUSTER_N"]
    map_a = tensor_map(a, [k, planes * m], [k], [128, block_m // cn], 128)
    map_b = tensor_map(b, [k, groups * n], [k], [128, block_n // cm], 128)
    stored = scale_a.shape[-1]
    map_s = tensor_map(scale_a, [m, planes * scale_a.shape[-2]], [stored * 4], [block_m, 1], 0)
    if block_n % 64 == 0:
        box, swizzle = [32 if c["OI_OUTPUT"] else 64, 64, 1], 128
    else:
        box, swizzle = [block_n, 64, 1], 0
    size = d.element_size()
    map_d = tensor_map(d, [n, m, planes], [n * size, m * n * size], box, swizzle)
    cluster = cm * cn
    arguments = [map_a, map_b, map_s, map_d, pointer(scale_b), pointer(layout), integer(m),
                 integer(n), integer(k), integer(groups)]
    return kernel.plan((sms // cluster * cluster, 1, 1), c["OI_WARPGROUPS"] * 128 + 128, cluster,
                       arguments)


def plan_swap(kernel, a, scale_a, b, scale_b, d):
    """The few-rows kernel: a [M, K], b [N, K]; a cluster of blocks splits K."""
    c = kernel.entry["config"]
    m, k = a.shape
    n, _ = b.shape
    rows, tokens, split = c["OI_BLOCK_N"], c["OI_BLOCK_M"], c["OI_SPLIT"]
    map_a = tensor_map(a, [k, m], [k], [128, tokens], 128)
    map_b = tensor_map(b, [k, n], [k], [128, rows], 128)
    map_s = tensor_map(scale_a, [m, scale_a.shape[-2]], [scale_a.shape[-1] * 4], [tokens, 1], 0)
    arguments = [map_a, map_b, map_s, pointer(scale_b), pointer(d), integer(m), integer(n),
                 integer(k)]
    grid = ((n + rows - 1) // rows * split, (m + tokens - 1) // tokens, 1)
    return kernel.plan(grid, kernel.entry["threads"], split, arguments)


FLUSH = None


def flush():
    global FLUSH
    if FLUSH is None:
        FLUSH = torch.empty(int(8e9) // 4, dtype=torch.int32, device=DEVICE)
    FLUSH.zero_()


def times(launches, repeats=15):
    """Median kernel microseconds of each launch, as CUPTI saw them, the L2 flushed before each."""
    from torch.profiler import ProfilerActivity, profile
    for launch in launches:
        launch()
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as session:
        for _ in range(repeats):
            for launch in launches:
                flush()
                launch()
        torch.cuda.synchronize()
    events = [e for e in session.profiler.kineto_results.events()
              if str(e.device_type()).endswith("CUDA")]
    events.sort(key=lambda e: e.start_ns())
    groups, flushing = [], False
    for e in events:
        name = e.name().lower()
        duration = e.duration_ns() / 1000
        if "fillfunctor" in name:
            if not flushing:
                groups.append([])
            flushing = True
        elif "memset" not in name and "memcpy" not in name and groups:
            groups[-1].append(duration)
            flushing = False
    if len(groups) != repeats * len(launches):
        raise RuntimeError(f"{len(groups)} groups of kernels for {repeats * len(launches)} calls: "
                           + str({e.name() for e in events})[:500])
    return [statistics.median(sum(g) for g in groups[i::len(launches)])
            for i in range(len(launches))]
