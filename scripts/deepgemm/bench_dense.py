"""Checks the dense and grouped kernels and times M = 4096 beside torch._scaled_mm with block scales.

    python3 scripts/deepgemm/bench_dense.py CUBIN_FOLDER [time]

Each row prints TFLOPS of every configuration and of PyTorch; `DG` is DeepGEMM on the same chip model."""

import sys, traceback
from harness import *
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = False
folder = sys.argv[1]
K = load(folder)
dense = {n: k for n, k in K.items() if n.startswith("d_")}
print("loaded", list(K))

def make(m, n, k):
    a, b = torch.randn(m, k, device=DEVICE), torch.randn(n, k, device=DEVICE)
    qa, sa, ra = quantize_rows(a); qb, sb = quantize_blocks(b)
    return a, b, qa, sa, ra, qb, sb

def verify(name, kernel, m, n, k):
    a, b, qa, sa, ra, qb, sb = make(m, n, k)
    f32 = kernel.entry["config"]["OI_OUTPUT"]
    d = torch.full((1, m, n), float("nan"), device=DEVICE, dtype=torch.float32 if f32 else torch.bfloat16)
    if f32 == 2: d.fill_(1.5)
    plan_1d2d(kernel, qa[None], sa, qb[None], sb, d)()
    torch.cuda.synchronize()
    ref = dequantize_rows(qa, ra) @ dequantize_blocks(qb, sb).T
    if f32 == 2: ref += 1.5
    full = a @ b.T + (1.5 if f32 == 2 else 0)
    bad = int((~torch.isfinite(d)).sum())
    print(f"{name:24} {m}x{n}x{k}: diff {difference(d[0], ref):.2e} full {difference(d[0], full):.2e} bad {bad}", "" if bad == 0 and difference(d[0], ref) < 1e-5 else "FAIL", flush=True)

for name, kernel in ({} if 'time' in sys.argv else dense).items():
    for shape in [(128, 256, 128), (1, 8, 16), (257, 2112, 1040), (4097, 576, 7168), (513, 7168, 2048)][2:4]:
        verify(name, kernel, *shape)

def grouped(name, kernel):
    mode = kernel.entry["config"]["OI_GROUPING"]
    for n, k in [(576, 1024), (4096, 512)]:
        G = 5
        counts = [200, 0, 128, 385, 17]
        b = torch.randn(G, n, k, device=DEVICE); qb, sb = quantize_blocks(b); db = dequantize_blocks(qb, sb)
        if mode == 2:
            mmax = 400
            a = torch.randn(G, mmax, k, device=DEVICE); qa, sa, ra = quantize_rows(a)
            d = torch.full((G, mmax, n), float("nan"), device=DEVICE, dtype=torch.bfloat16)
            layout = torch.tensor(counts, device=DEVICE, dtype=torch.int32)
            plan_1d2d(kernel, qa, sa, qb, sb, d, layout)()
            ref = dequantize_rows(qa, ra) @ db.transpose(1, 2)
            got = torch.cat([d[g, :c] for g, c in enumerate(counts)]); want = torch.cat([ref[g, :c] for g, c in enumerate(counts)])
        else:
            starts, rows = [], 0
            for c in counts: starts.append(rows); rows += up(c, 128)
            a = torch.randn(rows, k, device=DEVICE); qa, sa, ra = quantize_rows(a)
            d = torch.full((1, rows, n), float("nan"), device=DEVICE, dtype=torch.bfloat16)
            index = torch.full((rows,), -1, device=DEVICE, dtype=torch.int32)
            for g, (s, c) in enumerate(zip(starts, counts)): index[s:s+c] = g
            layout = index if mode == 1 else torch.tensor([s + c for s, c in zip(starts, counts)], device=DEVICE, dtype=torch.int32)
            plan_1d2d(kernel, qa[None], sa, qb, sb, d, layout)()
            da = dequantize_rows(qa, ra)
            got = torch.cat([d[0, s:s+c] for s, c in zip(starts, counts)]); want = torch.cat([da[s:s+c] @ db[g].T for g, (s, c) in enumerate(zip(starts, counts))])
        torch.cuda.synchronize()
        bad = int((~torch.isfinite(got)).sum())
        print(f"{name:24} grouped {mode} {n}x{k}: diff {difference(got, want):.2e} bad {bad}", "" if bad == 0 and difference(got, want) < 1e-5 else "FAIL", flush=True)

for name, kernel in ({} if 'time' in sys.argv else K).items():
    if name.startswith("g_"): grouped(name, kernel)

anchor = {(2112,7168):1317,(576,7168):1045,(24576,1536):1338,(32768,512):1084,(7168,16384):1482,(4096,7168):1456,(7168,2048):1326}

def peer(qa, ra, qb, sb):
    sa = ra.T.contiguous().T
    for sbb in (sb.T, sb.T.contiguous(), sb):
        try:
            f = lambda sbb=sbb: torch._scaled_mm(qa, qb.T, scale_a=sa, scale_b=sbb, out_dtype=torch.bfloat16)
            f(); torch.cuda.synchronize(); return f
        except Exception as e: error = e
    print("peer:", str(error)[:300]); return None

for (n, k), was in anchor.items():
    m = 4096
    a, b, qa, sa, ra, qb, sb = make(m, n, k)
    launches, names = [], []
    d = torch.empty(1, m, n, device=DEVICE, dtype=torch.bfloat16)
    for name, kernel in dense.items():
        if kernel.entry["config"]["OI_OUTPUT"]: continue
        if kernel.entry["config"]["OI_BLOCK_N"] < 112 or kernel.entry["config"]["OI_WARPGROUPS"] == 1: continue
        names.append(name); launches.append(plan_1d2d(kernel, qa[None], sa, qb[None], sb, d))
    p = peer(qa, ra, qb, sb)
    if p: names.append("torch"); launches.append(p)
    try:
        ts = times(launches)
    except Exception as e:
        traceback.print_exc(); continue
    tf = [2 * m * n * k / t / 1e6 for t in ts]
    print(f"{m}x{n}x{k} DG {was}: " + "  ".join(f"{nm}={x:.0f}" for nm, x in zip(names, tf)), flush=True)
    del a, b, qa, sa, ra, qb, sb, d
