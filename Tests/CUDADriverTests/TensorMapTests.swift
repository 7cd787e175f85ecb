import CUDADriver
import InfraCore
import SimulatedCUDA
import Testing

@Suite("Tensor maps")
struct TensorMapTests {
    private static let valid = TensorMapLayout(
        .bfloat16,
        extents: [256, 100],
        byteStrides: [512],
        box: [64, 128],
        swizzle: .bytes128
    )

    private static func changed(_ change: (inout TensorMapLayout) -> Void) -> TensorMapLayout {
        var layout = valid
        change(&layout)
        return layout
    }

    @Test("a valid layout is encoded at an aligned place, and can be moved")
    func encodes() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let map = try TensorMap(Self.valid, address: 4096, driver: driver)
            let words = withUnsafeBytes(of: map) { Array($0.bindMemory(to: UInt64.self)) }
            #expect(MemoryLayout<TensorMap>.size == 128)
            // Address, type 9 (bfloat16) and rank, fastest extent, fastest box extent, swizzle.
            #expect(Array(words[..<5]) == [4096, 9 << 32 | 2, 256, 64, 3])
            let moved = try map.moved(to: 8192, driver: driver)
            let movedWords = withUnsafeBytes(of: moved) { Array($0.bindMemory(to: UInt64.self)) }
            #expect(movedWords[0] == 8192 && movedWords[1...] == words[1...])
        }
    }

    @Test(
        "each broken rule is named",
        arguments: [
            (
                changed {
                    $0.extents = []; $0.box = []; $0.byteStrides = []
                }, "1 to 5 axes"
            ),
            (changed { $0.byteStrides = [] }, "1 strides and 2 box extents"),
            (changed { $0.extents = [256, 0] }, "empty tensor"),
            (changed { $0.byteStrides = [504] }, "multiple of 16"),
            (changed { $0.box = [64, 257] }, "1 to 256"),
            (changed { $0.box = [65, 1] }, "row of 130 bytes"),
            (changed { $0.box = [128, 1] }, "wider than the 128 bytes"),
        ]
    )
    func rules(layout: TensorMapLayout, part: String) throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let error = try #require(throws: CUDAError.self) {
                _ = try TensorMap(layout, address: 4096, driver: driver)
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains(part), "\(error)")
            #expect(simulated.callCount("tensorMapEncode") == 0)
        }
    }

    @Test("an address must be on the device and a multiple of 16", arguments: [0, 8, 4097])
    func addresses(address: UInt64) throws {
        try SimulatedDriver().run { driver in
            let map = try TensorMap(Self.valid, address: 4096, driver: driver)
            for attempt in [
                { _ = try TensorMap(Self.valid, address: address, driver: driver) },
                { _ = try map.moved(to: address, driver: driver) },
            ] {
                let error = try #require(throws: CUDAError.self) { try attempt() }
                #expect(error.message.contains("address is \(address)"))
            }
        }
    }
}
