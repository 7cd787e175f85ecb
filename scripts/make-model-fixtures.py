#!/usr/bin/env python3
"""Writes the fixtures of Tests/DeepSeekModelTests: tiny random models with the logits Hugging Face
transformers computes for them, and tokenizers with the identifiers Hugging Face tokenizers gives.

Needs torch, transformers (5.x), tokenizers, safetensors and numpy; the tests need none of them.
Usage: scripts/make-model-fixtures.py [FOLDER]   (default: Tests/DeepSeekModelTests/Fixtures)
Same versions, same bytes: every random number is seeded.
"""

import copy
import json
import random
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

# --- models ----------------------------------------------------------------------------------

BASE = dict(
    vocab_size=40, hidden_size=24, intermediate_size=40, moe_intermediate_size=8,
    num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4, n_shared_experts=1,
    n_routed_experts=8, routed_scaling_factor=2.5, kv_lora_rank=16, q_lora_rank=24,
    qk_rope_head_dim=8, v_head_dim=12, qk_nope_head_dim=8, n_group=4, topk_group=2,
    num_experts_per_tok=3, first_k_dense_replace=1, max_position_embeddings=256,
    num_nextn_predict_layers=0, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
    bos_token_id=0, eos_token_id=1, attn_implementation="eager",
    experts_implementation="eager",
)
YARN = {
    "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0,
    "original_max_position_embeddings": 32, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0,
    "mscale_all_dim": 1.0,
}
MODELS = {
    # name: (configuration, how it is stored)
    "moe-fp32": (dict(num_hidden_layers=3), {}),
    "dense-no-qlora": (dict(first_k_dense_replace=2, q_lora_rank=None), {}),
    "no-interleave": (dict(rope_interleave=False, norm_topk_prob=False), {}),
    "yarn": (dict(rope_parameters=YARN, max_position_embeddings=128), {}),
    "yarn-old-keys": (
        dict(rope_parameters={**YARN, "mscale": 0.7, "mscale_all_dim": 0.3, "factor": 8.0},
             max_position_embeddings=256, rope_interleave=True),
        dict(old_rope_keys=True),
    ),
    "tied-bias": (dict(tie_word_embeddings=True, attention_bias=True, rms_norm_eps=1e-5), {}),
    "odd-bf16": (
        dict(vocab_size=37, hidden_size=30, intermediate_size=21, moe_intermediate_size=7,
             num_attention_heads=3, num_key_value_heads=3, kv_lora_rank=11, q_lora_rank=13,
             qk_rope_head_dim=6, v_head_dim=5, qk_nope_head_dim=7, n_routed_experts=6, n_group=3,
             topk_group=1, num_experts_per_tok=2, n_shared_experts=2),
        dict(dtype=torch.bfloat16),
    ),
    "fp16": (dict(n_group=1, topk_group=1), dict(dtype=torch.float16)),
    "fp8": (
        dict(hidden_size=136, intermediate_size=152, moe_intermediate_size=20, n_routed_experts=4, n_group=2, topk_group=1,
             num_experts_per_tok=2, q_lora_rank=130, kv_lora_rank=18),
        dict(fp8=True, dtype=torch.bfloat16),
    ),
    "sharded": ({}, dict(max_shard_size="30KB")),
    "mtp": (dict(num_nextn_predict_layers=1), {}),
}
BLOCK = 128


def randomise(model, seed):
    """Weights far enough from zero that every part of the model shows in the logits."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in sorted({**dict(model.named_parameters()),
                                    **dict(model.named_buffers())}.items()):
            if "inv_freq" in name:
                continue
            noise = torch.randn(tensor.shape, generator=generator)
            if name.endswith("layernorm.weight") or name.endswith("norm.weight"):
                tensor.copy_(1 + 0.2 * noise)
            elif "e_score_correction_bias" in name:
                tensor.copy_(0.15 * noise)
            elif "embed_tokens" in name:
                tensor.copy_(noise)
            else:
                tensor.copy_(noise * 1.3 / tensor.shape[-1] ** 0.5)


def quantise(weight):
    rows, columns = weight.shape
    row_blocks, column_blocks = -(-rows // BLOCK), -(-columns // BLOCK)
    scales = torch.zeros(row_blocks, column_blocks)
    quantised = torch.zeros(rows, columns, dtype=torch.float8_e4m3fn)
    for i in range(row_blocks):
        for j in range(column_blocks):
            at = (slice(i * BLOCK, (i + 1) * BLOCK), slice(j * BLOCK, (j + 1) * BLOCK))
            # Blocks of unlike magnitude, so that a scale used for the wrong block shows.
            block = weight[at] * (1 + 2 * i + j)
            scales[i, j] = block.abs().max() / 448
            quantised[at] = (block / scales[i, j]).to(torch.float8_e4m3fn)
    return quantised, scales


def dequantise(quantised, scales):
    rows, columns = quantised.shape
    full = scales.repeat_interleave(BLOCK, 0)[:rows].repeat_interleave(BLOCK, 1)[:, :columns]
    return quantised.float() * full


def reload(folder, config, tensors):
    """A float32 model with exactly these tensors, through transformers' own loading."""
    scratch = folder.parent / (folder.name + "-scratch")
    scratch.mkdir()
    config.save_pretrained(scratch)
    save_file(tensors, scratch / "model.safetensors", metadata={"format": "pt"})
    model = DeepseekV3ForCausalLM.from_pretrained(
        scratch, dtype=torch.float32, attn_implementation="eager",
        experts_implementation="eager")
    shutil.rmtree(scratch)
    return model.eval()


def tokens_for(config, seed, count):
    generator = random.Random(seed)
    return [generator.randrange(config.vocab_size) for _ in range(count)]


def prediction_tensors(config, seed):
    """An MTP module in the layout of DeepSeek-V3's checkpoint, as a decoder layer plus its own."""
    donor_config = copy.deepcopy(config)
    donor_config.num_hidden_layers = config.num_hidden_layers + 1
    donor = DeepseekV3ForCausalLM(donor_config).eval()
    randomise(donor, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    hidden = config.hidden_size
    own = {
        "enorm.weight": 1 + 0.2 * torch.randn(hidden, generator=generator),
        "hnorm.weight": 1 + 0.2 * torch.randn(hidden, generator=generator),
        "eh_proj.weight": torch.randn(hidden, 2 * hidden, generator=generator) / hidden ** 0.5,
        "shared_head.norm.weight": 1 + 0.2 * torch.randn(hidden, generator=generator),
    }
    return donor, own


def write_model(root, name, overrides, storage, seed):
    folder = root / "models" / name
    folder.mkdir(parents=True)
    config = DeepseekV3Config(**{**BASE, **overrides})
    model = DeepseekV3ForCausalLM(config).eval()
    randomise(model, seed)
    dtype = storage.get("dtype", torch.float32)
    model.save_pretrained(folder, max_shard_size=storage.get("max_shard_size", "1GB"))
    expected = {}

    if "max_shard_size" not in storage:
        tensors = load_file(folder / "model.safetensors")
        plain = {}
        stored = {}
        for key, tensor in tensors.items():
            keeps_fp32 = "e_score_correction_bias" in key
            if storage.get("fp8") and key.endswith("_proj.weight") or (
                    storage.get("fp8") and key.endswith("kv_a_proj_with_mqa.weight")):
                stored[key], stored[key + "_scale_inv"] = quantise(tensor)
                plain[key] = dequantise(stored[key], stored[key + "_scale_inv"])
            else:
                stored[key] = tensor if keeps_fp32 else tensor.to(dtype)
                plain[key] = stored[key].float()
        model = reload(folder, config, plain)
        if config.num_nextn_predict_layers:
            donor, own = prediction_tensors(config, seed + 50)
            donor_folder = root / "models" / "donor"
            donor.save_pretrained(donor_folder)
            donor_tensors = load_file(donor_folder / "model.safetensors")
            shutil.rmtree(donor_folder)
            prefix = f"model.layers.{config.num_hidden_layers}."
            for key, tensor in donor_tensors.items():
                if key.startswith(prefix):
                    stored[key] = tensor
            for key, tensor in own.items():
                stored[prefix + key] = tensor
            stored[prefix + "embed_tokens.weight"] = stored["model.embed_tokens.weight"].clone()
            stored[prefix + "shared_head.head.weight"] = stored["lm_head.weight"].clone()
        save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})

    text = json.loads((folder / "config.json").read_text())
    if storage.get("old_rope_keys"):
        rope = text.pop("rope_parameters")
        text["rope_theta"] = rope.pop("rope_theta")
        rope["type"] = rope.pop("rope_type")
        text["rope_scaling"] = rope
        del text["rope_interleave"]
        text["scoring_func"] = "sigmoid"
        text["topk_method"] = "noaux_tc"
        text["moe_layer_freq"] = 1
        text["ep_size"] = 1
    if storage.get("fp8"):
        text["quantization_config"] = {
            "activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8",
            "weight_block_size": [BLOCK, BLOCK]}
    (folder / "config.json").write_text(json.dumps(text, indent=2) + "\n")
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)

    tokens = tokens_for(config, seed, 70 if name == "moe-fp32" else 20)
    with torch.no_grad():
        output = model.model(torch.tensor([tokens]))
        logits = model.lm_head(output.last_hidden_state)[0]
    expected["tokens"] = tokens
    tensors = {"logits": logits.contiguous()}
    if config.num_nextn_predict_layers:
        tensors["prediction_logits"] = prediction_logits(
            model, donor, own, tokens, output.last_hidden_state)
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    save_file(tensors, folder / "expected.safetensors")
    if name == "moe-fp32":
        greedy = list(tokens[:10])
        with torch.no_grad():
            for _ in range(12):
                greedy.append(int(model(torch.tensor([greedy])).logits[0, -1].argmax()))
        (folder / "greedy.json").write_text(
            json.dumps({"prompt": greedy[:10], "continuation": greedy[10:]}) + "\n")


def prediction_logits(model, donor, own, tokens, hidden):
    """Logits of the MTP module, with transformers' own MtpLayer around the donor's last layer."""
    from transformers.modeling_layers import MtpLayer
    config = donor.config
    layer_class = type(donor.model.layers[-1])
    norm_class = type(donor.model.norm)
    layer = MtpLayer(config, layer_class, norm_class, config.num_hidden_layers - 1).eval()
    layer.mtp_block.load_state_dict(donor.model.layers[-1].state_dict())
    with torch.no_grad():
        for mine, theirs in (("enorm.weight", layer.enorm.weight),
                             ("hnorm.weight", layer.hnorm.weight),
                             ("eh_proj.weight", layer.eh_proj.weight),
                             ("shared_head.norm.weight", layer.post_norm.weight)):
            theirs.copy_(own[mine])
        count = len(tokens) - 1
        positions = torch.arange(count)[None]
        embeddings = model.model.embed_tokens(torch.tensor([tokens[1:]]))
        mask = torch.full((count, count), float("-inf")).triu(1)[None, None]
        result = layer(
            embeddings, hidden[:, :-1], model.model.rotary_emb(embeddings, positions), mask,
            positions, None)
        return model.lm_head(result)[0].contiguous()


# --- tokenizers ------------------------------------------------------------------------------

DEEPSEEK_SPLITS = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
    r"|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
]
TEXT = """
A tokenizer turns text into numbers, and a model turns numbers into numbers. The pieces it knows
were counted in a text like this one: common words are one piece, rare words are several, and what
nobody has seen is spelled byte by byte. It's 2024, and we've 128 experts of which 8 are visited.
The quick brown fox jumps over the lazy dog; the dog doesn't mind. "Who's there?" they'd ask.
func encode(_ text: String) throws -> [Int] { return try text.utf8.map { Int($0) } }
for i in range(10, 1000, 3): print(f"{i:>5}: {i*i}")
Die Größe der Straße überraschte uns: 12.345,67 Euro für ein Stück Käse? Ärgerlich.
Le café est fermé à l'heure où l'élève arrive. ¿Dónde está la biblioteca? Señor, mañana.
Москва слезам не верит, а в Петербурге идёт дождь. Привет, мир!
深度求索发布了新的模型,推理速度更快。今天天气很好,我们去公园散步吧。人工智能的未来
東京は今日も晴れです。ありがとうございます。カタカナとひらがなを混ぜて書く。
한국어 문장도 하나 있어야 합니다. مرحبا بالعالم שלום עולם नमस्ते दुनिया สวัสดีชาวโลก
Smile 😀😃 and family 👨‍👩‍👧‍👦, flags 🇩🇪🇫🇷, skin 👍🏽, arrows → ⇒, math ∑∫√∞ ≤ ≥.
"""
STRINGS = [
    "", " ", "  ", "\n", "\r\n", "\r", "\t", "   \n\n   ", "a", " a", "a ", "Hello, world!",
    "hello\r\nworld\r\n\r\n  indented", "it's we've they'd I'm you'll he's IT'S Don'T",
    "1234567890", "3.14159 1,000,000 ½ ² ٣٤٥ ४५६", "深度求索 DeepSeek 你好吗?", "ありがとうカタカナ漢字mixed",
    "한국어 문장", "مرحبا بالعالم", "e\u0301 vs é, n\u0303 vs ñ, a\u0308\u0323", "\u0301\u0301abc",
    "😀😃👨‍👩‍👧‍👦🇩🇪👍🏽", "a\u200bb\u200dc\ufeffd", "\u00a0nbsp\u2003em\u3000ideographic",
    "tabs\t\tand  spaces   here    \n\n\n\nend", "foo_bar-baz.qux/quux\\corge", "!!!???...;;;",
    "(a)[b]{c}<d>", "$x^2 + y_1 = \\frac{a}{b}$", "<|begin|>hi<|end|>", "x<|end|><|end|> y",
    "<|begin|", "<think>reason</think>answer", "  <think>  spaced", "email@example.com https://a.b/c?d=e&f=g#h",
    "ABCdefGHI123abc", "#include <stdio.h>\nint main() { return 0; }\n", "\x00\x01\x7f\x80",
    "ﬁ ligature Å Å ㎏ ①", "ſ ß ẞ İ ı", "\U0001f1e9", "\u2028line\u2029para\u0085next",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "the the the the", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛", "नमस्ते दुनिया", "สวัสดี", "a\u0300\u0301\u0302\u0303\u0304",
    "word<|end|>word", " <|end|> ", "maßvoll MASSVOLL", "'s 't 're 've 'm 'll 'd 'S", "'", "''s",
]
ALPHABET = (
    list("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789     \n\r\t.,;:!?'\"()[]{}<>|/\\-_+=*&^%$#@~`")
    + list("äöüßéèñçøÅ") + list("深度求索人工智能的一是了") + list("あいうカタカナ") + list("한국어")
    + list("мирпривет") + list("नमस्ते") + ["\u0301", "\u0308", "\u200d", "😀", "👍🏽", "½", "²", "٣"]
    + ["\r\n", "  ", "<|end|>", "<think>", "\u00a0", "\u3000", "→", "€"]
)


def random_strings(seed, count):
    generator = random.Random(seed)
    return ["".join(generator.choice(ALPHABET) for _ in range(generator.randrange(1, 60)))
            for _ in range(count)]


def byte_level(add_prefix_space=False, use_regex=False):
    return pre_tokenizers.ByteLevel(
        add_prefix_space=add_prefix_space, trim_offsets=False, use_regex=use_regex)


def train(pre_tokenizer, vocabulary_size, lines=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|begin|>", "<|end|>", "<|pad|>"])
    tokenizer.train_from_iterator(lines or TEXT.splitlines(keepends=True) * 3, trainer)
    return tokenizer


def template(tokenizer, single):
    names = [part for part in single.split() if not part.startswith("$")]
    return processors.TemplateProcessing(
        single=single, special_tokens=[(n, tokenizer.token_to_id(n)) for n in set(names)])


def write_tokenizer(root, name, tokenizer, strings, old_merges=False):
    folder = root / "tokenizers" / name
    folder.mkdir(parents=True)
    text = json.loads(tokenizer.to_str())
    if old_merges:
        text["model"]["merges"] = [" ".join(pair) for pair in text["model"]["merges"]]
    (folder / "tokenizer.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cases = []
    for string in strings:
        ids = tokenizer.encode(string).ids
        cases.append({
            "text": string, "ids": ids,
            "plain": tokenizer.encode(string, add_special_tokens=False).ids,
            "decoded": tokenizer.decode(ids, skip_special_tokens=True),
            "named": tokenizer.decode(ids, skip_special_tokens=False),
        })
    (folder / "cases.json").write_text(
        json.dumps(cases, separators=(",", ":")) + "\n", encoding="utf-8")


def split(pattern, behavior, invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def write_tokenizers(root):
    deepseek = pre_tokenizers.Sequence(
        [split(Regex(p), "isolated") for p in DEEPSEEK_SPLITS] + [byte_level()])
    tokenizer = train(deepseek, 1200)
    tokenizer.add_tokens([AddedToken("<think>", normalized=False, special=False),
                          AddedToken("</think>", normalized=False, special=False)])
    tokenizer.post_processor = template(tokenizer, "<|begin|> $A")
    write_tokenizer(root, "deepseek", tokenizer, STRINGS + random_strings(1, 150))

    tokenizer = train(byte_level(add_prefix_space=True, use_regex=True), 420)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    write_tokenizer(root, "gpt2", tokenizer, STRINGS + random_strings(2, 20), old_merges=True)

    # Every behaviour of Split, inverted too, with texts and expressions as patterns.
    # The vocabulary holds whole texts, so that every cut shows in the identifiers.
    small = ["a-b--c-d", "--a--", "x  y z", "-", "a", "a--", "--a", "12-34--56", ""]
    tokenizer = train(byte_level(), 330, small * 3 + ["a-", "b-", "4-"] * 20)
    rules = {
        "removed": split("-", "removed"), "isolated": split("-", "isolated"),
        "previous": split("-", "merged_with_previous"), "next": split("-", "merged_with_next"),
        "contiguous": split("-", "contiguous"),
        "removed-invert": split(Regex("[a-z]+"), "removed", True),
        "isolated-invert": split(Regex("-+"), "isolated", True),
        "previous-invert": split(Regex("[a-z]"), "merged_with_previous", True),
        "next-invert": split(Regex("[a-z]"), "merged_with_next", True),
        "contiguous-invert": split(Regex("[a-z]"), "contiguous", True),
        "digits": pre_tokenizers.Digits(True), "digits-joined": pre_tokenizers.Digits(False),
    }
    for name, rule in rules.items():
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([rule, byte_level()])
        write_tokenizer(root, "split-" + name, tokenizer, small)

    # Added tokens with every flag, a normalizer, a template with a token after the text.
    tokenizer = train(byte_level(use_regex=True), 300)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace("--", "—"), normalizers.Replace(Regex("z+"), "Z")])
    tokenizer.add_tokens([
        AddedToken("<l>", lstrip=True, normalized=False), AddedToken("<r>", rstrip=True, normalized=False),
        AddedToken("<lr>", lstrip=True, rstrip=True, normalized=False),
        AddedToken("cat", single_word=True, normalized=False), AddedToken("caté", normalized=True),
        AddedToken("<l><r>", normalized=False)])
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), template(tokenizer, "<|begin|> $A <|end|>")])
    write_tokenizer(root, "added", tokenizer, [
        "a <l> b", "a  <l>  <l> b", "a <r>  b", "a  <lr>  b<lr>", "cat cats cat, concat cat_ cat1 cat",
        "cate\u0301 caté", "<l><r> <r><l>", " <l>", "<r> ", "e\u0301--zzz", "", "a<l><l>b \n<lr>\t c"])
    tokenizer.normalizer = normalizers.NFD()
    write_tokenizer(root, "nfd", tokenizer, ["é ñ caté 한국어 ガ", "Å Å", "cat\u0301"])

    # Without a byte alphabet: characters, byte fallback, whole pieces first, unknown tokens.
    pieces = {"<unk>": 0}
    for byte in range(256):
        pieces[f"<0x{byte:02X}>"] = len(pieces)
    for token in ["▁", "a", "b", "c", "ab", "abc", "▁a", "é", "e\u0301", "bc", "xyz"]:
        pieces[token] = len(pieces)
    merges = [("a", "b"), ("▁", "a"), ("b", "c"), ("ab", "c")]
    tokenizer = Tokenizer(models.BPE(vocab=pieces, merges=merges, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    write_tokenizer(root, "fallback", tokenizer, ["abc ab", "é e\u0301", "深x", "", "a bc", "xyz"])
    for name, options in {"unknown": {}, "unknown-fused": {"fuse_unk": True},
                          "ignore-merges": {"ignore_merges": True}}.items():
        letters = {t: i for i, t in enumerate(["<unk>", "a", "b", "c", "ab", "xyz", "bc"])}
        tokenizer = Tokenizer(models.BPE(
            vocab=letters, merges=[("a", "b"), ("b", "c")], unk_token="<unk>", **options))
        tokenizer.pre_tokenizer = split(" ", "removed")
        tokenizer.decoder = decoders.Fuse()
        write_tokenizer(root, name, tokenizer, ["abc abc", "axyzb", "xyz ab", "qq", "深a"])


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "Tests/DeepSeekModelTests/Fixtures")
    for part in ("models", "tokenizers"):
        shutil.rmtree(root / part, ignore_errors=True)
    for seed, (name, (overrides, storage)) in enumerate(MODELS.items()):
        write_model(root, name, overrides, storage, seed)
    write_tokenizers(root)
    size = sum(f.stat().st_size for f in root.rglob("*") if f.is_file())
    print(f"{root}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
