"""Checks the quantisation kernels bit by bit and times them and the grouped products.

    python3 scripts/deepgemm/bench_grouped.py CUBIN_FOLDER
"""

import sys, random, traceback
from harness import *
random.seed(3); torch.manual_seed(3)
K = load(sys.argv[1])
for kind, dtype in (("bf16", torch.bfloat16), ("f32", torch.float32)):
    for p, m, k in [(1, 1, 16), (1, 65, 1040), (3, 130, 7168)]:
        x = (torch.randn(p, m, k, device=DEVICE) * 3).to(dtype)
        q = torch.empty(p, m, k, device=DEVICE, dtype=torch.uint8).fill_(0x7f); kb = (k + 127) // 128; st = up(m, 4)
        s = torch.full((p, kb, st), float("nan"), device=DEVICE)
        K[f"quantize_rows_{kind}"].plan(((m + 15) // 16, kb, p), 256, 1, [pointer(x), pointer(q), pointer(s), integer(m), integer(k), integer(st)])()
        wq, ws, _ = quantize_rows(x)
        torch.cuda.synchronize()
        ok1 = torch.equal(q, wq.view(torch.uint8)) and torch.equal(s[..., :m], ws[..., :m])
        q.fill_(0x7f); nb = (m + 127) // 128
        s = torch.full((p, nb, kb), float("nan"), device=DEVICE)
        K[f"quantize_blocks_{kind}"].plan((kb, nb, p), 256, 1, [pointer(x), pointer(q), pointer(s), integer(m), integer(k)])()
        wq, ws = quantize_blocks(x); torch.cuda.synchronize()
        ok2 = torch.equal(q, wq.view(torch.uint8)) and torch.equal(s, ws)
        print("quantize", kind, p, m, k, "rows", ok1, "blocks", ok2, flush=True)
x = torch.randn(1, 4096, 7168, device=DEVICE).bfloat16(); q = torch.empty(1, 4096, 7168, device=DEVICE, dtype=torch.uint8); s = torch.empty(56, 4096, device=DEVICE)
l1 = K["quantize_rows_bf16"].plan((256, 56, 1), 256, 1, [pointer(x), pointer(q), pointer(s), integer(4096), integer(7168), integer(4096)])
l2 = K["quantize_blocks_bf16"].plan((56, 32, 1), 256, 1, [pointer(x), pointer(q), pointer(s), integer(4096), integer(7168)])
for nm, t in zip(("rows", "blocks"), times([l1, l2])): print(f"quantize {nm} 4096x7168 bf16: {t:.1f} us {4096*7168*3/t/1e3:.0f} GB/s")
G = {n: k for n, k in K.items() if n.startswith("g_")}
def bench(title, kernels, plan, flops, size, was):
    names, ts = list(kernels), times([plan(kernels[n]) for n in kernels], 9)
    best = sorted(zip(ts, names))
    print(f"{title} DG {was} us {was/best[0][0]:.2f}x {flops/best[0][0]/1e6:.0f} TF {size/best[0][0]/1e3:.0f} GB/s: " + " ".join(f"{n[2:]}={t:.0f}" for t, n in best), flush=True)
for g, total, n, k, was in [(4, 29184, 4096, 7168, 1197), (4, 33536, 7168, 2048, 727), (8, 32256, 4096, 7168, 1332), (8, 32640, 7168, 2048, 711)]:
    cuts = sorted(random.sample(range(1, total // 128), g - 1)); cuts = [total // 128 * (i + 1) // g for i in range(g)]
    b = torch.randn(g, n, k, device=DEVICE); qb, sb = quantize_blocks(b); del b
    a = torch.randn(total, k, device=DEVICE); qa, sa, _ = quantize_rows(a); del a
    index = torch.empty(total, dtype=torch.int32, device=DEVICE); last = 0
    for i, c in enumerate(cuts): index[last * 128:c * 128] = i; last = c
    d = torch.empty(1, total, n, device=DEVICE, dtype=torch.bfloat16)
    bench(f"contiguous {g} {total}x{n}x{k}", {x: kk for x, kk in G.items() if kk.entry["config"]["OI_GROUPING"] == 1}, lambda kk: plan_1d2d(kk, qa[None], sa, qb, sb, d, index), 2 * total * n * k, 0, was)
    del qa, sa, qb, sb, d
for g, mean, n, k, was in [(32, 192, 4096, 7168, 368), (32, 192, 7168, 2048, 205), (6, 1024, 4096, 7168, 280), (6, 1024, 7168, 2048, 157), (32, 20, 4096, 7168, 241), (32, 20, 7168, 2048, 133)]:
    mmax = 4096 if g == 6 else 512
    b = torch.randn(g, n, k, device=DEVICE); qb, sb = quantize_blocks(b); del b
    a = torch.randn(g, mmax, k, device=DEVICE); qa, sa, _ = quantize_rows(a); del a
    counts = [int(mean * random.uniform(0.7, 1.3)) for _ in range(g)]
    layout = torch.tensor(counts, device=DEVICE, dtype=torch.int32)
    d = torch.empty(g, mmax, n, device=DEVICE, dtype=torch.bfloat16)
    rows = sum(counts)
    bench(f"masked {g} ~{mean} ({rows}) {n}x{k}", {x: kk for x, kk in G.items() if kk.entry["config"]["OI_GROUPING"] == 2}, lambda kk: plan_1d2d(kk, qa, sa, qb, sb, d, layout), 2 * rows * n * k, g * n * k + rows * (k + 2 * n), was)
    del qa, sa, qb, sb, d
