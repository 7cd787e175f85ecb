// Copies a tensor to the first GPU and back, and measures the memory; without a GPU, says so.

import CUDADriver
import DeviceRuntime
import InfraCore
import Tensors

// Times of runs are summarised by their median: one slow run does not move it.
let timing = DeviceTiming(microseconds: [10.2, 10.1, 250, 10.3])
print("median \(timing.medianMicroseconds) us, longest \(timing.maxMicroseconds) us")
print("moving 40 MB: \(timing.gigabytesPerSecond(byteCount: 40_000_000).rounded()) GB/s")

do {
    let gpu = try GPU()
    let stream = try gpu.makeStream()
    let host = HostTensor((0..<12).map { Float($0) }, shape: [4, 3])
    let device = try DeviceTensor(host, in: gpu.context, on: stream)
    let rows = try device.rows(from: 1, count: 2)
    print("rows 1 and 2:", try rows.hostTensor(on: stream).elements(of: Float.self))
    let figure = try CopyBandwidth.gigabytesPerSecond(gpu.context)
    print("\(gpu.properties.name) copies at \(figure.rounded()) GB/s")
} catch let error as CUDAError {
    print("no GPU:", error)
}
