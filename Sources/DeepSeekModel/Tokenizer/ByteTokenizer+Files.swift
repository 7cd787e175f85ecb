public import InfraCore

extension ByteTokenizer {
    /// Writes `tokenizer.json` and `tokenizer_config.json` into a folder that exists.
    ///
    /// - Throws: ``ModelErrorCode/fileFailure``.
    public func write(toFolder folder: String) throws(ModelError) {
        try ModelFile.write(tokenizerJSON, to: folder + "/tokenizer.json")
        try ModelFile.write(configurationJSON, to: folder + "/tokenizer_config.json")
    }

    /// The tokenizer as a `tokenizer.json`: byte-level, without merges and without cutting.
    public var tokenizerJSON: String {
        let vocabulary = (0...255).map { byte in
            JSONMember(ByteAlphabet.token(of: [UInt8(byte)]), .integer(byte))
        }
        let added = Self.specialTokens.enumerated().map { index, content in
            JSONValue.object([
                JSONMember("id", .integer(256 + index)),
                JSONMember("content", .string(content)),
                JSONMember("single_word", .bool(false)),
                JSONMember("lstrip", .bool(false)),
                JSONMember("rstrip", .bool(false)),
                JSONMember("normalized", .bool(false)),
                JSONMember("special", .bool(true)),
            ])
        }
        let byteLevel = JSONValue.object([
            JSONMember("type", .string("ByteLevel")),
            JSONMember("add_prefix_space", .bool(false)),
            JSONMember("trim_offsets", .bool(false)),
            JSONMember("use_regex", .bool(false)),
        ])
        return JSONValue.object([
            JSONMember("version", .string("1.0")),
            JSONMember("truncation", .null),
            JSONMember("padding", .null),
            JSONMember("added_tokens", .array(added)),
            JSONMember("normalizer", .null),
            JSONMember("pre_tokenizer", byteLevel),
            JSONMember("post_processor", addsBeginningOfSequence ? template : .null),
            JSONMember("decoder", byteLevel),
            JSONMember(
                "model",
                .object([
                    JSONMember("type", .string("BPE")),
                    JSONMember("dropout", .null),
                    JSONMember("unk_token", .null),
                    JSONMember("continuing_subword_prefix", .null),
                    JSONMember("end_of_word_suffix", .null),
                    JSONMember("fuse_unk", .bool(false)),
                    JSONMember("byte_fallback", .bool(false)),
                    JSONMember("ignore_merges", .bool(false)),
                    JSONMember("vocab", .object(vocabulary)),
                    JSONMember("merges", .array([])),
                ])
            ),
        ]).indentedText
    }

    private var template: JSONValue {
        let begin = Self.specialTokens[0]
        func part(_ kind: String, _ id: String) -> JSONValue {
            let content = [JSONMember("id", .string(id)), JSONMember("type_id", .integer(0))]
            return .object([JSONMember(kind, .object(content))])
        }
        let single = [part("SpecialToken", begin), part("Sequence", "A")]
        return .object([
            JSONMember("type", .string("TemplateProcessing")),
            JSONMember("single", .array(single)),
            JSONMember("pair", .array(single + [part("Sequence", "B")])),
            JSONMember(
                "special_tokens",
                .object([
                    JSONMember(
                        begin,
                        .object([
                            JSONMember("id", .string(begin)),
                            JSONMember("ids", .array([.integer(256)])),
                            JSONMember("tokens", .array([.string(begin)])),
                        ])
                    )
                ])
            ),
        ])
    }

    /// The names of the special tokens, for Hugging Face's `AutoTokenizer`.
    private var configurationJSON: String {
        JSONValue.object([
            JSONMember("bos_token", .string(Self.specialTokens[0])),
            JSONMember("clean_up_tokenization_spaces", .bool(false)),
            JSONMember("eos_token", .string(Self.specialTokens[1])),
            JSONMember("pad_token", .string(Self.specialTokens[2])),
            JSONMember("tokenizer_class", .string("PreTrainedTokenizerFast")),
        ]).indentedText
    }
}
