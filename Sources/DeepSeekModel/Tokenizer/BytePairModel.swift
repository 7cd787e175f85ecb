import InfraCore

/// Turns a piece of text into tokens: `model` of tokenizer.json, type `BPE`.
struct BytePairModel: Sendable {
    /// The token of each identifier; `nil` where the vocabulary has gaps.
    let tokens: [String?]
    /// The identifier of each token.
    let ids: [ByteString: Int]

    private let merger: BytePairMerger
    private let byteIDs: [Int32?]
    /// Tokens by the bytes they stand for; only filled if whole pieces are looked up.
    private let wholePieces: [ByteString: Int32]
    private let unknownID: Int32?
    private let fusesUnknown: Bool
    private let fallbackIDs: [Int32?]
    private let isByteLevel: Bool

    /// The largest identifier allowed, far above any vocabulary.
    static let maximumID = 1 << 24

    init(_ object: JSONObject, isByteLevel: Bool) throws(ModelError) {
        self.isByteLevel = isByteLevel
        guard try object.string("type") ?? "BPE" == "BPE" else {
            throw object.unsupported("type", allowed: "\"BPE\"")
        }
        guard try object.double("dropout") ?? 0 == 0 else {
            throw object.unsupported("dropout", allowed: "null or 0")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"]
        where try object.string(key) ?? "" != "" {
            throw object.unsupported(key, allowed: "null or \"\"")
        }
        (ids, tokens) = try Self.vocabulary(object)
        merger = BytePairMerger(try Self.merges(object, ids: ids))

        let ids = ids
        func id(of token: String) -> Int32? { ids[ByteString(token)].map { Int32($0) } }
        byteIDs = (UInt8.min...UInt8.max).map { id(of: ByteAlphabet.token(of: [$0])) }
        if let unknown = try object.string("unk_token") {
            guard let id = id(of: unknown) else {
                throw ModelError(
                    .malformedFile,
                    "\(object.path("unk_token")) is \"\(unknown)\", which is not in the vocabulary"
                )
            }
            unknownID = id
        } else {
            unknownID = nil
        }
        fusesUnknown = try object.bool("fuse_unk") ?? false
        if try object.bool("byte_fallback") ?? false {
            fallbackIDs = (0...255).map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return id(of: "<0x" + (byte < 16 ? "0" : "") + digits + ">")
            }
        } else {
            fallbackIDs = []
        }
        var wholePieces: [ByteString: Int32] = [:]
        if try object.bool("ignore_merges") ?? false {
            for (id, token) in tokens.enumerated() {
                guard let token else { continue }
                let bytes = isByteLevel ? ByteAlphabet.bytes(of: token) : Array(token.utf8)
                if let bytes { wholePieces[ByteString(bytes)] = Int32(id) }
            }
        }
        self.wholePieces = wholePieces
    }

    private static func vocabulary(
        _ object: JSONObject
    ) throws(ModelError) -> ([ByteString: Int], [String?]) {
        guard let vocabulary = try object.object("vocab") else {
            throw ModelError(.malformedFile, "\(object.path("vocab")) is missing")
        }
        var ids: [ByteString: Int] = [:]
        ids.reserveCapacity(vocabulary.members.count)
        var tokens: [String?] = []
        tokens.reserveCapacity(vocabulary.members.count)
        for member in vocabulary.members {
            guard case .integer(let id) = member.value, (0...maximumID).contains(id) else {
                throw vocabulary.wrongKind(
                    member.name,
                    member.value,
                    "an integer from 0 to \(maximumID)"
                )
            }
            ids[ByteString(member.name)] = id
            while tokens.count <= id { tokens.append(nil) }
            tokens[id] = member.name
        }
        return (ids, tokens)
    }

    /// Reads rules written `"a b"` or `["a", "b"]`.
    private static func merges(
        _ object: JSONObject,
        ids: [ByteString: Int]
    ) throws(ModelError) -> [(left: Int, right: Int, result: Int)] {
        var merges: [(left: Int, right: Int, result: Int)] = []
        for (index, value) in (try object.array("merges") ?? []).enumerated() {
            let left: ByteString
            let right: ByteString
            switch value {
            case .string(let text):
                let halves = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
                guard halves.count == 2 else {
                    throw object.wrongKind("merges[\(index)]", value, "two tokens and a blank")
                }
                left = ByteString(Array(halves[0]))
                right = ByteString(Array(halves[1]))
            case .array(let pair):
                guard pair.count == 2, case .string(let first) = pair[0],
                    case .string(let second) = pair[1]
                else { throw object.wrongKind("merges[\(index)]", value, "a pair of tokens") }
                left = ByteString(first)
                right = ByteString(second)
            default: throw object.wrongKind("merges[\(index)]", value, "a pair of tokens")
            }
            let joined = ByteString(left.bytes + right.bytes)
            guard let leftID = ids[left], let rightID = ids[right], let result = ids[joined]
            else {
                throw ModelError(
                    .malformedFile,
                    "\(object.path("merges[\(index)]")) is \(value.excerpt); both tokens and "
                        + "their union must be in the vocabulary"
                )
            }
            merges.append((leftID, rightID, result))
        }
        return merges
    }

    /// The tokens of one piece.
    ///
    /// What the vocabulary cannot express becomes its unknown token, or nothing if it has none,
    /// as in Hugging Face tokenizers.
    func tokens(of piece: ByteString) -> [Int32] {
        if let whole = wholePieces[piece] { return [whole] }
        return merger.merge(isByteLevel ? byteSymbols(piece.bytes) : characterSymbols(piece.bytes))
    }

    private func byteSymbols(_ bytes: [UInt8]) -> [Int32] {
        var symbols: [Int32] = []
        symbols.reserveCapacity(bytes.count)
        var unknowns = 0
        for byte in bytes {
            if let id = byteIDs[Int(byte)] {
                flushUnknown(&unknowns, into: &symbols)
                symbols.append(id)
            } else {
                unknowns += 1
            }
        }
        flushUnknown(&unknowns, into: &symbols)
        return symbols
    }

    private func characterSymbols(_ bytes: [UInt8]) -> [Int32] {
        var symbols: [Int32] = []
        var unknowns = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let character = Array(String(scalar).utf8)
            if let id = ids[ByteString(character)] {
                flushUnknown(&unknowns, into: &symbols)
                symbols.append(Int32(id))
                continue
            }
            let fallback =
                fallbackIDs.isEmpty ? [] : character.compactMap { fallbackIDs[Int($0)] }
            if fallback.count == character.count {
                symbols += fallback
            } else {
                unknowns += 1
            }
        }
        flushUnknown(&unknowns, into: &symbols)
        return symbols
    }

    private func flushUnknown(_ count: inout Int, into symbols: inout [Int32]) {
        guard count > 0 else { return }
        if let unknownID {
            symbols += [Int32](repeating: unknownID, count: fusesUnknown ? 1 : count)
        }
        count = 0
    }
}
