/// Pairs two sets of the same size so that the pairs' values add up to the most.
enum Assignment {
    /// Sets beyond this size are paired greedily: the exact method takes time in its cube.
    static let exactLimit = 256

    /// The column paired with each row of a square matrix.
    static func best(_ values: [[Int]]) -> [Int] {
        values.count <= exactLimit ? exact(values) : greedy(values)
    }

    /// The Hungarian method with potentials and shortest augmenting paths (Jonker and Volgenant,
    /// 1987): O(n^3).
    private static func exact(_ values: [[Int]]) -> [Int] {
        let count = values.count
        // Row and column 0 are the method's own; costs are negated values.
        var rowPotential = [Int](repeating: 0, count: count + 1)
        var columnPotential = rowPotential
        var rowOfColumn = rowPotential
        for row in 1...count {
            rowOfColumn[0] = row
            var column = 0
            var slack = [Int](repeating: .max, count: count + 1)
            var from = [Int](repeating: 0, count: count + 1)
            var isUsed = [Bool](repeating: false, count: count + 1)
            repeat {
                isUsed[column] = true
                let current = rowOfColumn[column]
                var delta = Int.max
                var next = 0
                for candidate in 1...count where !isUsed[candidate] {
                    let reduced =
                        -values[current - 1][candidate - 1] - rowPotential[current]
                        - columnPotential[candidate]
                    if reduced < slack[candidate] {
                        slack[candidate] = reduced
                        from[candidate] = column
                    }
                    if slack[candidate] < delta {
                        delta = slack[candidate]
                        next = candidate
                    }
                }
                for index in 0...count {
                    if isUsed[index] {
                        rowPotential[rowOfColumn[index]] += delta
                        columnPotential[index] -= delta
                    } else if slack[index] != .max {
                        slack[index] -= delta
                    }
                }
                column = next
            } while rowOfColumn[column] != 0
            while column != 0 {
                rowOfColumn[column] = rowOfColumn[from[column]]
                column = from[column]
            }
        }
        var columnOfRow = [Int](repeating: 0, count: count)
        for column in 1...count { columnOfRow[rowOfColumn[column] - 1] = column - 1 }
        return columnOfRow
    }

    /// The largest values first.
    private static func greedy(_ values: [[Int]]) -> [Int] {
        var pairs = values.indices.flatMap { row in
            values[row].indices.lazy.filter { values[row][$0] > 0 }.map { (row, $0) }
        }
        pairs.sort {
            let (a, b) = (values[$0.0][$0.1], values[$1.0][$1.1])
            return a != b ? a > b : $0 < $1
        }
        var columnOfRow = [Int](repeating: -1, count: values.count)
        var isTaken = [Bool](repeating: false, count: values.count)
        for (row, column) in pairs where columnOfRow[row] < 0 && !isTaken[column] {
            columnOfRow[row] = column
            isTaken[column] = true
        }
        var free = isTaken.indices.filter { !isTaken[$0] }[...]
        for row in columnOfRow.indices where columnOfRow[row] < 0 {
            columnOfRow[row] = free.removeFirst()
        }
        return columnOfRow
    }
}
