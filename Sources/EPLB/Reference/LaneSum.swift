/// Sums float32 numbers in the order of PyTorch's CPU reduction over a contiguous last axis.
///
/// Whole loads below 2^24 have one sum in any order. Others do not, and the node a group of experts
/// goes to may depend on the last bit. PyTorch adds eight lanes, four interleaved rows of them, and
/// cascades partial sums over four levels so that rounding errors stay small; rows shorter than a
/// vector are added the same way with lanes of one number.
enum LaneSum {
    private static let laneCount = 8
    private static let rowCount = 4
    private static let levelCount = 4

    /// The sum of `count` numbers.
    static func sum(_ values: UnsafePointer<Float>, count: Int) -> Float {
        guard count >= laneCount else { return scalarSum(values, count: count) }
        let vectorCount = count / laneCount
        let lanes = rows(of: vectorCount) { index in
            UnsafeRawPointer(values + index * laneCount)
                .loadUnaligned(as: SIMD8<Float>.self)
        }
        var total: Float = 0
        for index in vectorCount * laneCount..<count { total += values[index] }
        for lane in 0..<laneCount { total += lanes[lane] }
        return total
    }

    private static func scalarSum(_ values: UnsafePointer<Float>, count: Int) -> Float {
        rows(of: count) { SIMD2<Float>(values[$0], 0) }[0]
    }

    /// Adds `count` vectors: four interleaved rows, then what is left over, then the rows.
    @inline(__always)
    private static func rows<Vector: SIMD>(
        of count: Int,
        _ load: (Int) -> Vector
    ) -> Vector where Vector.Scalar == Float {
        let rowLength = count / rowCount
        var total = row(of: rowLength) { load($0 * rowCount) }
        for index in rowLength * rowCount..<count { total += load(index) }
        for offset in 1..<rowCount {
            total += row(of: rowLength) { load($0 * rowCount + offset) }
        }
        return total
    }

    /// Adds `count` vectors in a cascade: a level hands its sum up after every 2^power additions.
    @inline(__always)
    private static func row<Vector: SIMD>(
        of count: Int,
        _ load: (Int) -> Vector
    ) -> Vector where Vector.Scalar == Float {
        let log2 = count > 1 ? Int.bitWidth - (count - 1).leadingZeroBitCount : 0
        let power = max(4, log2 / levelCount)
        let step = 1 << power
        var (level0, level1, level2, level3) = (Vector(), Vector(), Vector(), Vector())
        var index = 0
        while index + step <= count {
            for _ in 0..<step {
                level0 += load(index)
                index += 1
            }
            level1 += level0
            level0 = Vector()
            guard index & ((step - 1) << power) == 0 else { continue }
            level2 += level1
            level1 = Vector()
            guard index & ((step - 1) << (2 * power)) == 0 else { continue }
            level3 += level2
            level2 = Vector()
        }
        while index < count {
            level0 += load(index)
            index += 1
        }
        return ((level0 + level1) + level2) + level3
    }
}
