public import InfraCore

/// The tokenizer a `tokenizer.json` of Hugging Face tokenizers describes: byte-pair encoding,
/// usually on bytes.
///
/// Equal to the reference implementation in identifiers; offsets, truncation and padding are not
/// kept. Thread-safe.
public struct BytePairTokenizer: Tokenizer {
    private let normalizer: Normalizer
    private let preTokenizer: PreTokenizer
    private let model: BytePairModel
    private let postProcessor: PostProcessor
    private let plainTokens: AddedTokenFinder
    private let normalizedTokens: AddedTokenFinder
    private let tokenBytes: [[UInt8]?]
    private let idsByContent: [ByteString: Int]
    private let cache = PieceCache()

    /// One more than the largest identifier.
    public var vocabularySize: Int { tokenBytes.count }
    /// The token a sequence begins with: `bos_token` of tokenizer_config.json.
    public private(set) var beginningOfSequenceID: Int?
    /// The token that ends a sequence: `eos_token` of tokenizer_config.json.
    public private(set) var endOfSequenceID: Int?
    /// The added tokens marked special.
    public let specialTokenIDs: Set<Int>
    private var addsBeginningOfSequence = false

    /// Reads `tokenizer.json` of a folder, and `tokenizer_config.json` if it is there.
    ///
    /// - Parameter folder: The folder.
    /// - Throws: ``ModelErrorCode/fileFailure``, ``ModelErrorCode/malformedFile``, or
    ///   ``ModelErrorCode/unsupported``, naming file and key.
    public init(folder: String) throws(ModelError) {
        try ModelFile.requireFolder(folder)
        let path = folder + "/tokenizer.json"
        let content = try ModelFile.read(path, purpose: "a model folder needs it to read text")
        try self.init(json: content, file: path)
        let configPath = folder + "/tokenizer_config.json"
        guard ModelFile.exists(configPath) else { return }
        let config = try JSONObject(
            try ModelFile.json(configPath, purpose: "it names the special tokens"),
            location: configPath
        )
        beginningOfSequenceID = try Self.specialToken("bos_token", config).flatMap(id(of:))
        endOfSequenceID = try Self.specialToken("eos_token", config).flatMap(id(of:))
        addsBeginningOfSequence = try config.bool("add_bos_token") ?? false
    }

    /// Reads a tokenizer from the text of a `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - json: UTF-8 text.
    ///   - file: What to call it in messages.
    /// - Throws: ``ModelErrorCode/malformedFile`` or ``ModelErrorCode/unsupported``, naming the key.
    public init(json: [UInt8], file: String = "tokenizer.json") throws(ModelError) {
        let root = try JSONObject(try JSONParser.parse(json, file: file), location: file)
        guard let modelObject = try root.object("model") else {
            throw ModelError(.malformedFile, "\(file): model is missing")
        }
        let normalizer = try Normalizer(try root.object("normalizer"))
        self.normalizer = normalizer
        preTokenizer = try PreTokenizer(try root.object("pre_tokenizer"))
        model = try BytePairModel(modelObject, isByteLevel: preTokenizer.isByteLevel)
        postProcessor = try PostProcessor(try root.object("post_processor"))
        let decoding = try TokenDecoding(
            try root.object("decoder"),
            isByteLevel: preTokenizer.isByteLevel
        )

        var added: [AddedToken] = []
        for (index, element) in (try root.array("added_tokens") ?? []).enumerated() {
            let location = root.path("added_tokens[\(index)]")
            let token = try AddedToken(
                try JSONObject(element, location: location, isRoot: false)
            )
            guard token.id <= BytePairModel.maximumID else {
                throw ModelError(
                    .malformedFile,
                    "\(location).id is \(token.id); at most \(BytePairModel.maximumID) is allowed"
                )
            }
            added.append(token)
        }
        plainTokens = AddedTokenFinder(added.filter { !$0.isNormalized })
        normalizedTokens = AddedTokenFinder(added.filter(\.isNormalized)) {
            normalizer.normalize($0)
        }
        specialTokenIDs = Set(added.filter(\.isSpecial).map(\.id))

        var contents = model.tokens
        var ids = model.ids
        for token in added {
            while contents.count <= token.id { contents.append(nil) }
            // The reference decodes such a token to what was looked for.
            contents[token.id] =
                token.isNormalized ? normalizer.normalize(token.content) : token.content
            ids[ByteString(token.content)] = token.id
        }
        tokenBytes = contents.map { $0.map(decoding.bytes(of:)) }
        idsByContent = ids
    }

    /// The identifier of a token as the vocabulary spells it; `nil` if there is none.
    public func id(of token: String) -> Int? { idsByContent[ByteString(token)] }

    /// The identifiers of a text; see ``Tokenizer/encode(_:addSpecialTokens:)``.
    public func encode(_ text: String, addSpecialTokens: Bool) throws(ModelError) -> [Int] {
        var ids: [Int] = addSpecialTokens ? prefix : []
        for part in plainTokens.parts(of: text) {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let raw):
                let normalized = normalizer.normalize(String(raw))
                for part in normalizedTokens.parts(of: normalized) {
                    switch part {
                    case .token(let id): ids.append(id)
                    case .text(let text): appendTokens(of: String(text), to: &ids)
                    }
                }
            }
        }
        if addSpecialTokens { ids += postProcessor.suffix }
        return ids
    }

    private var prefix: [Int] {
        guard addsBeginningOfSequence, let beginningOfSequenceID,
            postProcessor.prefix.first != beginningOfSequenceID
        else { return postProcessor.prefix }
        return [beginningOfSequenceID] + postProcessor.prefix
    }

    private func appendTokens(of text: String, to ids: inout [Int]) {
        for piece in preTokenizer.pieces(of: text) {
            let tokens = cache.tokens(of: ByteString(piece), model.tokens(of:))
            for token in tokens { ids.append(Int(token)) }
        }
    }

    /// The bytes a token stands for; see ``Tokenizer/bytes(of:)``.
    public func bytes(of id: Int) throws(ModelError) -> [UInt8] {
        guard tokenBytes.indices.contains(id) else {
            throw ModelError(
                .invalidToken,
                "token id \(id) is outside the vocabulary; allowed: 0 to \(vocabularySize - 1)"
            )
        }
        // Gaps in the vocabulary can be generated by a model whose matrix is padded.
        return tokenBytes[id] ?? []
    }

    /// A special token written `"<s>"` or `{"content": "<s>"}`.
    private static func specialToken(
        _ key: String,
        _ config: JSONObject
    ) throws(ModelError) -> String? {
        guard let value = config[key] else { return nil }
        if case .string(let token) = value { return token }
        return try config.object(key)?.string("content")
    }
}
