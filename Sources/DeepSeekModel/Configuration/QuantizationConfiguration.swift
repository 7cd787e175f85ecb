import InfraCore

/// How a checkpoint's FP8 weights were scaled: one factor a block.
///
/// Only the description; whether a tensor is quantised shows in its dtype and in the presence of
/// a `weight_scale_inv` beside it.
public struct QuantizationConfiguration: Sendable, Equatable {
    /// Rows and columns of a block; `[128, 128]` in DeepSeek-V3.
    public var weightBlockSize: [Int]

    /// Creates a configuration.
    ///
    /// - Parameter weightBlockSize: Rows and columns of a block, both positive.
    public init(weightBlockSize: [Int] = [128, 128]) {
        self.weightBlockSize = weightBlockSize
    }

    init(_ object: JSONObject) throws(ModelError) {
        guard try object.string("quant_method") == "fp8" else {
            throw object.unsupported("quant_method", allowed: "\"fp8\"")
        }
        guard ["e4m3", nil].contains(try object.string("fmt")) else {
            throw object.unsupported("fmt", allowed: "\"e4m3\"")
        }
        let block = try object.integers("weight_block_size") ?? [128, 128]
        guard block.count == 2, block.allSatisfy({ $0 > 0 }) else {
            throw object.unsupported("weight_block_size", allowed: "two positive integers")
        }
        self.init(weightBlockSize: block)
    }

    var value: JSONValue {
        .object([
            JSONMember("activation_scheme", .string("dynamic")),
            JSONMember("fmt", .string("e4m3")),
            JSONMember("quant_method", .string("fp8")),
            JSONMember("weight_block_size", .array(weightBlockSize.map { .integer($0) })),
        ])
    }
}
