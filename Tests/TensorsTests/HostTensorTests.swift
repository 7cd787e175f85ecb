import InfraCore
import Tensors
import Testing

@Suite("Host tensors")
struct HostTensorTests {
    static func counting(_ shape: [Int]) -> HostTensor {
        HostTensor((0..<shape.reduce(1, *)).map(Float.init), shape: shape)
    }

    @Test("zeros are zero in every dtype", arguments: DType.allCases)
    func zeros(dtype: DType) {
        let tensor = HostTensor(zeros: [3, 5], dtype: dtype)
        #expect(tensor.byteCount == 15 * dtype.byteCount)
        #expect(tensor.withUnsafeBytes { bytes in bytes.allSatisfy { $0 == 0 } })
    }

    @Test(
        "shape, strides and counts",
        arguments: [[], [0], [1], [7], [2, 3], [4, 0, 2], [2, 3, 4, 5]]
    )
    func geometry(shape: [Int]) {
        let tensor = HostTensor(zeros: shape)
        #expect(tensor.rank == shape.count)
        #expect(tensor.elementCount == shape.reduce(1, *))
        #expect(tensor.isContiguous)
        #expect(tensor.strides.last ?? 1 == 1)
        for axis in shape.indices.dropLast() {
            #expect(tensor.strides[axis] == tensor.strides[axis + 1] * shape[axis + 1])
        }
    }

    @Test(
        "a transposed tensor's elements are those an index calculation gives",
        arguments: [
            [2, 3], [1, 7], [33, 65], [64, 64], [2, 3, 4], [3, 1, 5], [2, 3, 4, 5], [0, 4],
        ],
        DType.allCases
    )
    func transposes(shape: [Int], dtype: DType) {
        let tensor = Self.counting(shape).converted(to: dtype)
        let floats = tensor.converted(to: .float32).elements(of: Float.self)
        for first in shape.indices {
            for second in shape.indices {
                let view = tensor.transposed(first, second)
                #expect(view.storage === tensor.storage)
                let result = view.contiguous()
                #expect(result.isContiguous)
                let values = result.converted(to: .float32).elements(of: Float.self)
                for (place, value) in values.enumerated() {
                    var rest = place
                    var offset = 0
                    for axis in shape.indices.reversed() {
                        let index = rest % view.shape[axis]
                        rest /= view.shape[axis]
                        offset += index * view.strides[axis]
                    }
                    guard value == floats[offset] else {
                        Issue.record("place \(place) of \(view.shape) is \(value)")
                        return
                    }
                }
                #expect(view == result)
                #expect(result.transposed(first, second) == tensor)
            }
        }
    }

    @Test("slices share storage and hold their range")
    func slices() throws {
        let tensor = Self.counting([4, 5])
        let rows = try tensor.slice(axis: 0, from: 1, count: 2)
        #expect(rows.storage === tensor.storage)
        #expect(rows.isContiguous)
        #expect(rows.elements() == (5..<15).map(Float.init))
        let columns = try tensor.slice(axis: 1, from: 3, count: 2)
        #expect(!columns.isContiguous)
        #expect(columns.elements() == [3, 4, 8, 9, 13, 14, 18, 19] as [Float])
        let corner = try columns.slice(axis: 0, from: 3, count: 1).transposed()
        #expect(corner.shape == [2, 1])
        #expect(corner.elements() == [18, 19] as [Float])
        #expect(try tensor.slice(axis: 0, from: 4, count: 0).elementCount == 0)
    }

    @Test(
        "slices that leave their axis are refused",
        arguments: [
            (0, 0, 5), (0, 4, 1), (0, -1, 1), (0, 1, -1), (2, 0, 1), (-1, 0, 1), (0, 1, Int.max),
            (0, Int.max, 1),
        ]
    )
    func badSlices(axis: Int, start: Int, count: Int) {
        let error = #expect(throws: TensorError.self) {
            try Self.counting([4, 5]).slice(axis: axis, from: start, count: count)
        }
        #expect(error?.code == .outOfRange)
    }

    @Test("reshaping keeps row-major order and resolves one wildcard")
    func reshapes() throws {
        let tensor = Self.counting([4, 6])
        #expect(try tensor.reshaped(to: [3, -1]).shape == [3, 8])
        #expect(try tensor.reshaped(to: [24]).storage === tensor.storage)
        #expect(
            try tensor.transposed().reshaped(to: [-1]).elements()
                == tensor.transposed().elements(of: Float.self)
        )
        #expect(try HostTensor(zeros: [0, 4]).reshaped(to: [-1, 4]).shape == [0, 4])
        #expect(try HostTensor([7 as Float]).reshaped(to: []).shape == [])
        for shape in [[5, 5], [-1, 7], [-1, -1], [-2, -12], [24, 0]] {
            let error = #expect(throws: TensorError.self) { try tensor.reshaped(to: shape) }
            #expect(error?.code == .shapeMismatch)
        }
    }

    @Test("writing to a copy leaves the original; a sole owner writes in place")
    func copyOnWrite() throws {
        var original = Self.counting([2, 3])
        let before = original.storage.base
        original.withUnsafeMutableElements(of: Float.self) { $0[0] = 10 }
        #expect(original.storage.base == before)
        var copy = original
        copy.withUnsafeMutableElements(of: Float.self) { $0[1] = 20 }
        #expect(copy.storage !== original.storage)
        #expect(original.elements() == [10, 1, 2, 3, 4, 5] as [Float])
        #expect(copy.elements() == [10, 20, 2, 3, 4, 5] as [Float])
        var view = original.transposed()
        view.withUnsafeMutableElements(of: Float.self) { $0[1] = 30 }
        #expect(view.elements() == [10, 30, 1, 4, 2, 5] as [Float])
        #expect(original.elements() == [10, 1, 2, 3, 4, 5] as [Float])
        var row = try original.slice(axis: 0, from: 1, count: 1)
        row.withUnsafeMutableBytes { $0[0] = 1 }
        #expect(original.elements() == [10, 1, 2, 3, 4, 5] as [Float])
    }

    @Test("a block that is read-only is copied before it is written to")
    func readOnly() throws {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
        memory.storeBytes(of: 7, as: Int64.self)
        let block = AlignedBytes(adopting: memory, byteCount: 8, isReadOnly: true) {
            $0.deallocate()
        }
        var tensor = try HostTensor(storage: block, shape: [1], dtype: .int64)
        tensor.withUnsafeMutableElements(of: Int64.self) { $0[0] = 8 }
        #expect(memory.load(as: Int64.self) == 7)
        #expect(tensor.elements() == [8 as Int64])
        withExtendedLifetime(block) {}
    }

    @Test(
        "wrapping a block checks its bounds without overflow",
        arguments: [
            ([5], 0), ([4], 1), ([-1], 0), ([1], -1), ([Int.max, Int.max], 0), ([1], Int.max),
            ([-1, -1], 0),
        ]
    )
    func badBlocks(shape: [Int], offset: Int) {
        let error = #expect(throws: TensorError.self) {
            try HostTensor(
                storage: AlignedBytes(byteCount: 16),
                byteOffset: offset,
                shape: shape,
                dtype: .float32
            )
        }
        #expect(error?.code == .outOfRange)
    }

    @Test("equality is of dtype, shape and bits")
    func equality() throws {
        let tensor = Self.counting([2, 2])
        #expect(tensor == HostTensor([0, 1, 2, 3] as [Float], shape: [2, 2]))
        #expect(tensor != Self.counting([4]))
        #expect(tensor != tensor.converted(to: .float16))
        #expect(tensor != tensor.transposed())
        #expect(HostTensor([Float.nan]) == HostTensor([Float.nan]))
        #expect(HostTensor([0 as Float]) != HostTensor([-0.0 as Float]))
        #expect(HostTensor(zeros: [0]) == HostTensor(zeros: [0]))
    }

    @Test("the largest difference is found wherever it lies, in any dtype and layout")
    func difference() throws {
        let tensor = Self.counting([3, 4])
        for place in 0..<12 {
            var other = tensor.converted(to: .bfloat16)
            other.withUnsafeMutableElements(of: BFloat16.self) { $0[place] = BFloat16(-2) }
            #expect(try tensor.maximumDifference(to: other) == Float(place) + 2)
            #expect(
                try tensor.transposed().maximumDifference(to: other.transposed()) == Float(place)
                    + 2
            )
        }
        let special = HostTensor([.nan, .infinity, -.infinity, 1] as [Float])
        #expect(try special.maximumDifference(to: special) == 0)
        #expect(
            try special.maximumDifference(to: HostTensor([0, .infinity, -.infinity, 1] as [Float]))
                == .infinity
        )
        #expect(
            try special.maximumDifference(
                to: HostTensor([.nan, -.infinity, -.infinity, 1] as [Float])
            ) == .infinity
        )
        #expect(try HostTensor(zeros: [0]).maximumDifference(to: HostTensor(zeros: [0])) == 0)
        let error = #expect(throws: TensorError.self) { try tensor.maximumDifference(to: special) }
        #expect(error?.code == .shapeMismatch)
    }

    @Test("filling sets every element, in any dtype and layout", arguments: DType.allCases)
    func fill(dtype: DType) {
        for count in [0, 1, 2, 3, 1000] {
            let original = HostTensor(zeros: [count, 3], dtype: dtype)
            var tensor = original.transposed()
            tensor.fill(4)
            #expect(tensor.shape == [3, count])
            #expect(
                tensor.converted(to: .float32).elements() == [Float](repeating: 4, count: count * 3)
            )
            #expect(original == HostTensor(zeros: [count, 3], dtype: dtype))
        }
    }

    @Test("copying from a tensor keeps dtype and storage and converts")
    func copying() throws {
        var target = HostTensor(zeros: [3, 2], dtype: .bfloat16)
        let storage = target.storage.base
        try target.copy(from: Self.counting([2, 3]).transposed())
        #expect(target.storage.base == storage)
        #expect(target.elements(of: BFloat16.self).map(Float.init) == [0, 3, 1, 4, 2, 5])
        var same = HostTensor(zeros: [2, 3])
        try same.copy(from: Self.counting([2, 3]))
        #expect(same == Self.counting([2, 3]))
        let error = #expect(throws: TensorError.self) {
            try target.copy(from: Self.counting([2, 3]))
        }
        #expect(error?.code == .shapeMismatch)
    }

    @Test("rows are gathered, scattered and added by place")
    func rows() throws {
        let table = Self.counting([4, 2])
        let picked = try table.gatheringRows([3, 0, 3])
        #expect(picked.shape == [3, 2])
        #expect(picked.elements() == [6, 7, 0, 1, 6, 7] as [Float])
        #expect(try table.transposed().gatheringRows([1]).elements() == [1, 3, 5, 7] as [Float])
        #expect(try table.gatheringRows([]).shape == [0, 2])
        var target = HostTensor(zeros: [4, 2])
        try target.scatterRows(picked, at: [1, 2, 1])
        #expect(target.elements() == [0, 0, 6, 7, 0, 1, 0, 0] as [Float])
        try target.addRows(picked, at: [1, 0, 1])
        #expect(target.elements() == [0, 1, 18, 21, 0, 1, 0, 0] as [Float])
        var bytes = HostTensor(zeros: [2, 2], dtype: .uint8)
        try bytes.scatterRows(HostTensor([5, 6] as [UInt8], shape: [1, 2]), at: [1])
        #expect(bytes.elements() == [0, 0, 5, 6] as [UInt8])
    }

    @Test("rows of a wrong place, shape or dtype are refused")
    func badRows() throws {
        var table = Self.counting([4, 2])
        let row = HostTensor(zeros: [1, 2])
        for index in [-1, 4] {
            let read = #expect(throws: TensorError.self) { try table.gatheringRows([0, index]) }
            #expect(read?.code == .outOfRange)
            let written = #expect(throws: TensorError.self) {
                try table.scatterRows(row, at: [index])
            }
            #expect(written?.code == .outOfRange)
        }
        let shape = #expect(throws: TensorError.self) { try table.addRows(row, at: [0, 1]) }
        #expect(shape?.code == .shapeMismatch)
        let dtype = #expect(throws: TensorError.self) {
            try table.scatterRows(row.converted(to: .float16), at: [0])
        }
        #expect(dtype?.code == .dtypeMismatch)
        var narrow = table.converted(to: .bfloat16)
        let accumulation = #expect(throws: TensorError.self) {
            try narrow.addRows(row.converted(to: .bfloat16), at: [0])
        }
        #expect(accumulation?.code == .dtypeMismatch)
        let scalar = #expect(throws: TensorError.self) {
            try HostTensor([1 as Float], shape: []).gatheringRows([0])
        }
        #expect(scalar?.code == .shapeMismatch)
        #expect(table == Self.counting([4, 2]))
    }
}
