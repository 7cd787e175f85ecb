// Describes each GPU, sends bytes there and back, and shows how errors look.

import CUDADriver
import InfraCore

// Rules are checked without a device: a row of 130 bytes is none the copy engine can move.
let layout = TensorMapLayout(.bfloat16, extents: [256, 8], byteStrides: [512], box: [65, 8])
print("map of", layout)

do {
    let driver = try Driver.shared()
    for device in try driver.devices() {
        let context = try CUDAContext(device)
        let properties = context.properties
        print(properties.name, properties.architecture, properties.multiprocessorCount, "SMs")

        let stream = try CUDAStream(context)
        let buffer = try DeviceBuffer(context, byteCount: 1024)
        try buffer.range().fill(7, on: stream)
        var bytes = [UInt8](repeating: 0, count: 1024)
        try bytes.withUnsafeMutableBytes { try buffer.range().download(to: $0, on: stream) }
        print("all bytes arrived:", bytes.allSatisfy { $0 == 7 })

        do {
            _ = try TensorMap(layout, address: buffer.address, driver: driver)
        } catch {
            print("refused:", error)
        }
    }
} catch let error as CUDAError {
    print("no GPU:", error)
}
