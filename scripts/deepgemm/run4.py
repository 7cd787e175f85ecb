import sys
from harness import *
K = load(sys.argv[1])
for m, n, k, names in [(64,576,7168,['q_64_64_s8']),(64,4096,7168,['q_64_64_s2_o2']),(64,7168,2048,['q_64_64_s1']),(64,7168,16384,['q_64_64_s2_o3']),(128,4096,7168,['q_64_128'])]:
    a, b = torch.randn(m, k, device=DEVICE), torch.randn(n, k, device=DEVICE)
    qa, sa, ra = quantize_rows(a); qb, sb = quantize_blocks(b)
    d = torch.empty(m, n, device=DEVICE, dtype=torch.bfloat16)
    for name, kern in K.items():
        if not any(name.startswith(x) for x in names): continue
        c = kern.entry["config"]
        buf = torch.zeros(4096*8, dtype=torch.int64, device=DEVICE)
        rows, tokens, split = c["OI_BLOCK_N"], c["OI_BLOCK_M"], c["OI_SPLIT"]
        args = [tensor_map(qa,[k,m],[k],[128,tokens],128), tensor_map(qb,[k,n],[k],[128,rows],128), tensor_map(sa,[m,sa.shape[-2]],[sa.shape[-1]*4],[tokens,1],0), pointer(sb), pointer(d), integer(m), integer(n), integer(k), pointer(buf)]
        run = kern.plan(((n+rows-1)//rows*split,(m+tokens-1)//tokens,1), kern.entry["threads"], split, args)
        for _ in range(3): flush(); run(); torch.cuda.synchronize()
        t = buf.view(-1,8).cpu(); t = t[t[:,0] > 0][:, :6].double()
        t0 = t[:,0].min(); t = (t - t0) / 1e3
        print(name, f"{m}x{n}x{k} ctas {len(t)}", "mean us: start %.2f first-data %.2f loop-end %.2f cluster %.2f reduced %.2f end %.2f" % tuple(t.mean(0).tolist()), "| max", [round(x,2) for x in t.max(0).values.tolist()], flush=True)
