"""Checks the few-rows kernels and times M = 64 and 128 beside torch._scaled_mm with block scales.

    python3 scripts/deepgemm/bench_few_rows.py CUBIN_FOLDER
"""

import sys, traceback
from harness import *
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = False
K = load(sys.argv[1])
swaps = {n: k for n, k in K.items() if n.startswith("s_")}
def make(m, n, k):
    a, b = torch.randn(m, k, device=DEVICE), torch.randn(n, k, device=DEVICE)
    qa, sa, ra = quantize_rows(a); qb, sb = quantize_blocks(b)
    return a, b, qa, sa, ra, qb, sb
fails = 0
for name, kernel in swaps.items():
    for m, n, k in [(64, 576, 7168), (3, 2112, 1040), (129, 136, 512)]:
        a, b, qa, sa, ra, qb, sb = make(m, n, k)
        d = torch.full((m, n), float("nan"), device=DEVICE, dtype=torch.bfloat16)
        run = plan_swap(kernel, qa, sa, qb, sb, d)
        run(); torch.cuda.synchronize()
        first = d.clone(); run(); torch.cuda.synchronize()
        ref = dequantize_rows(qa, ra) @ dequantize_blocks(qb, sb).T
        bad = int((~torch.isfinite(d)).sum()); diff = difference(d, ref)
        if bad or diff > 1e-5 or not torch.equal(first, d):
            fails += 1; print("FAIL", name, m, n, k, bad, diff, torch.equal(first, d), flush=True)
print("swap kernels", len(swaps), "fails", fails, flush=True)
anchor = {64: {(2112,7168):10.0,(576,7168):9.1,(24576,1536):16.3,(32768,512):8.9,(7168,16384):40.2,(4096,7168):13.6,(7168,2048):7.8},
 128: {(2112,7168):10.8,(576,7168):9.3,(24576,1536):17.1,(32768,512):10.3,(7168,16384):43.5,(4096,7168):14.0,(7168,2048):9.3}}
def peer(qa, ra, qb, sb):
    sa = ra.T.contiguous().T
    f = lambda: torch._scaled_mm(qa, qb.T, scale_a=sa, scale_b=sb.T, out_dtype=torch.bfloat16)
    f(); torch.cuda.synchronize(); return f
product = 1.0; count = 0
for m in anchor:
    for (n, k), was in anchor[m].items():
        a, b, qa, sa, ra, qb, sb = make(m, n, k)
        d = torch.empty(m, n, device=DEVICE, dtype=torch.bfloat16)
        names = [x for x, kk in swaps.items() if kk.entry["config"]["OI_BLOCK_M"] in (64, 128)]
        launches = [plan_swap(swaps[x], qa, sa, qb, sb, d) for x in names]
        wide = [x for x, kk in K.items() if x.startswith("d_") and kk.entry["config"]["OI_WARPGROUPS"] * 64 <= m]
        names += wide; launches += [plan_1d2d(K[x], qa[None], sa, qb[None], sb, d[None]) for x in wide]
        try:
            names.append("torch"); launches.append(peer(qa, ra, qb, sb))
        except Exception as e: names.pop(); print(str(e)[:200])
        try: ts = times(launches, 11)
        except Exception: traceback.print_exc(); continue
        best = sorted(zip(ts, names))
        size = n * k + m * k + 2 * m * n
        t, nm = best[0]
        product *= was / t; count += 1
        print(f"{m}x{n}x{k} DG {was} us, {was/t:.2f}x {size/t/1e3:.0f} GB/s {size/t/4.3e4:.0f}%: " + " ".join(f"{nm[2:]}={t:.1f}" for t, nm in best[:7]) + f" | torch {dict(zip(names,ts)).get('torch',0):.1f}", flush=True)
print("geomean vs anchor", product ** (1 / max(count, 1)))
