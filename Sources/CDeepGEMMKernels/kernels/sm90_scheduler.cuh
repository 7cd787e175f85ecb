// Which tile a block works on next. The grid is persistent: cluster c takes tiles c, c + C, c + 2C
// and so on, and the producer and the math warpgroups of a block walk the same list on their own.
#pragma once
#include "sm90_ptx.cuh"

/// How the rows of A relate to the matrices of B.
enum class Grouping {
    dense = 0,       // one matrix
    contiguous = 1,  // layout[row] names the group of each row, -1 marks padding
    masked = 2,      // layout[group] counts the valid rows of each group's plane
    prefix = 3,      // layout[group] is where the group's rows end, starts are aligned to the block
};

struct Tile {
    int group;
    int row;     // first row of the tile within its plane of A and D
    int column;  // first column of the tile
    int rows;    // rows of the plane that count: the tile's rows at and beyond are padding
};

template <Grouping grouping, int blockM, int blockN, int clusterM, int clusterN, int band>
struct Scheduler {
    static constexpr int tileM = blockM * clusterM, tileN = blockN * clusterN;
    const int *layout;
    int m, groups, columns, next, stride, rank;
    int group = 0, groupStart = 0, firstRow = 0;

    __device__ __forceinline__ Scheduler(
        const int *layout, int m, int n, int groups, int cluster, int clusters, int rank)
        : layout(layout), m(m), groups(groups), columns((n + tileN - 1) / tileN), next(cluster),
          stride(clusters), rank(rank) {}

    /// Bands of `band` tiles along M, walked column by column, so that the tiles in flight at one
    /// time form a square: that keeps the operands' footprint in the L2 cache small.
    __device__ __forceinline__ void place(Tile &tile, int index, int rows) const {
        const int perBand = band * columns;
        const int first = (index / perBand) * band;
        const int height = min(band, rows - first);
        const int within = index % perBand;
        const int tileRow = first + within % height, tileColumn = within / height;
        tile.row = tileRow * tileM + (clusterM > 1 ? rank * blockM : 0);
        tile.column = tileColumn * tileN + (clusterN > 1 ? rank * blockN : 0);
    }

    /// `wholeWarp` says that all lanes call together. They read the same counts, and telling the
    /// compiler so through a vote keeps what follows in uniform registers.
    template <bool wholeWarp>
    __device__ __forceinline__ bool take(Tile &tile) {
        const int index = next;
        next += stride;
        if constexpr (grouping == Grouping::dense) {
            const int rows = (m + tileM - 1) / tileM;
            if (index >= rows * columns) return false;
            tile.group = 0;
            tile.rows = m;
            place(tile, index, rows);
            return true;
        } else if constexpr (grouping == Grouping::contiguous) {
            const int rows = (m + tileM - 1) / tileM;
            if (index >= rows * columns) return false;
            tile.rows = m;
            place(tile, index, rows);
            tile.group = tile.row < m ? layout[tile.row] : -1;
            return true;
        } else {
            // Groups lie one after the other in the list of tiles; counts are read from the device.
            while (group < groups) {
                int end = layout[group];
                if constexpr (wholeWarp) end = __shfl_sync(0xffffffff, end, 0);
                const int count = grouping == Grouping::masked ? end : end - firstRow;
                const int rows = (count + tileM - 1) / tileM;
                bool found = index < groupStart + rows * columns;
                if constexpr (wholeWarp) found = __all_sync(0xffffffff, found);
                if (found) {
                    place(tile, index - groupStart, rows);
                    tile.group = group;
                    tile.rows = count;
                    if constexpr (grouping == Grouping::prefix) {
                        tile.row += firstRow;
                        tile.rows = end;
                    }
                    return true;
                }
                groupStart += rows * columns;
                firstRow = (end + tileM - 1) / tileM * tileM;
                ++group;
            }
            return false;
        }
    }
};
