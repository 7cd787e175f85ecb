/// The blocks of a row-major tensor, seen as a stack of matrices.
struct BlockGrid {
    let matrixCount: Int
    let rows: Int
    let columns: Int
    let block: BlockShape
    var blockRows: Int { (rows + block.rows - 1) / block.rows }
    var blockColumns: Int { (columns + block.columns - 1) / block.columns }

    init(shape: [Int], block: BlockShape) {
        columns = shape.last ?? 1
        rows = shape.count > 1 ? shape[shape.count - 2] : 1
        matrixCount = shape.dropLast(2).reduce(1, *)
        self.block = block
    }

    /// Calls `body` with each block in row-major order: the place of its scale, the element its
    /// first row starts at, how many rows and columns it has.
    @inline(__always)
    func forEach(_ body: (_ scale: Int, _ start: Int, _ height: Int, _ width: Int) -> Void) {
        var scale = 0
        for matrix in 0..<matrixCount {
            for blockRow in 0..<blockRows {
                let row = blockRow * block.rows
                let height = min(block.rows, rows - row)
                for blockColumn in 0..<blockColumns {
                    let column = blockColumn * block.columns
                    let width = min(block.columns, columns - column)
                    body(scale, (matrix * rows + row) * columns + column, height, width)
                    scale += 1
                }
            }
        }
    }

    /// Calls `body` with each row's part in each block, in memory order: the place of its scale,
    /// the element it starts at, how many elements it has.
    @inline(__always)
    func forEachRowSegment(_ body: (_ scale: Int, _ start: Int, _ count: Int) -> Void) {
        for line in 0..<matrixCount * rows {
            let (matrix, row) = line.quotientAndRemainder(dividingBy: rows)
            let firstScale = (matrix * blockRows + row / block.rows) * blockColumns
            for blockColumn in 0..<blockColumns {
                let column = blockColumn * block.columns
                let count = min(block.columns, columns - column)
                body(firstScale + blockColumn, line * columns + column, count)
            }
        }
    }
}
